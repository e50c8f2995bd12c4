/// How known answers stand in JSON: bytes as hexadecimal, CBOR items in the notation that
/// shared/spec/known-answers/cbor.json explains.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "shared/change/segment.h"

namespace godwit::known_answers {

/// A file of shared/spec/known-answers, in the order it was written.
nlohmann::ordered_json load(const std::string& name);

/// The bytes of a string in hexadecimal.
Bytes bytes_of_hex(const nlohmann::ordered_json& text);

/// The id or digest in a string of hexadecimal.
template <typename Fixed>
Fixed fixed_of_hex(const nlohmann::ordered_json& text) {
    Fixed out{};
    const Bytes bytes = bytes_of_hex(text);
    GODWIT_ASSERT(bytes.size() == sizeof out);
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
}

/// Writes the item that `notation` stands for.
void write_item(cbor::Encoder& out, const nlohmann::ordered_json& notation);
Bytes item_of(const nlohmann::ordered_json& notation);

/// The notation of the next item. Fails as the decoder fails.
Result<nlohmann::ordered_json> read_item(cbor::Decoder& in);

/// A change as change.json describes it.
Change change_of(const nlohmann::ordered_json& row);

}  // namespace godwit::known_answers
