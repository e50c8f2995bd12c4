#include "tests/known-answers/notation.h"

#include <fstream>

#include "shared/base/text.h"

namespace godwit::known_answers {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t short_integer_max = std::int64_t{1} << 53;

Dot dot_of(const Json& pair) {
    return {fixed_of_hex<LogId>(pair.at(0)), pair.at(1).get<Sequence>()};
}

Operation operation_of(const Json& row) {
    Operation operation;
    operation.field = row.at("field").get<std::uint32_t>();
    operation.kind = static_cast<OperationKind>(row.at("kind").get<std::uint8_t>());
    operation.form = static_cast<Form>(row.at("form").get<std::uint8_t>());
    if (row.contains("value")) operation.value = item_of(row.at("value"));
    for (const Json& dot : row.value("removed", Json::array())) {
        operation.removed.push_back(dot_of(dot));
    }
    return operation;
}

void write_integer(cbor::Encoder& out, const std::string& digits) {
    if (digits.front() == '-') {
        out.integer(std::stoll(digits));
    } else {
        out.unsigned_integer(std::stoull(digits));
    }
}

template <typename Number>
Json integer_notation(Number number) {
    const auto bound = static_cast<Number>(short_integer_max);
    if (number <= bound && (number >= 0 || number >= Number{0} - bound)) return number;
    return Json{{"int", std::to_string(number)}};
}

Result<Json> read_array(cbor::Decoder& in) {
    Json items = Json::array();
    for (std::size_t left = TRY(in.array()); left > 0; --left) items.push_back(TRY(read_item(in)));
    return items;
}

Result<Json> read_map(cbor::Decoder& in) {
    Json entries = Json::array();
    for (std::size_t left = TRY(in.map()); left > 0; --left) {
        Json key = TRY(read_item(in));
        Json value = TRY(read_item(in));
        entries.push_back(Json::array({std::move(key), std::move(value)}));
    }
    return Json{{"map", std::move(entries)}};
}

}  // namespace

Json load(const std::string& name) {
    std::ifstream file("shared/spec/known-answers/" + name);
    GODWIT_ASSERT(bool(file));
    return Json::parse(file);
}

Bytes bytes_of_hex(const Json& text) {
    const auto bytes = parse_hex(text.get_ref<const std::string&>());
    GODWIT_ASSERT(bool(bytes));
    return *bytes;
}

void write_item(cbor::Encoder& out, const Json& notation) {
    if (notation.is_null()) {
        out.null();
    } else if (notation.is_boolean()) {
        out.boolean(notation.get<bool>());
    } else if (notation.is_number_integer()) {
        out.integer(notation.get<std::int64_t>());
    } else if (notation.is_string()) {
        out.text(notation.get_ref<const std::string&>());
    } else if (notation.is_array()) {
        out.array(notation.size());
        for (const Json& item : notation) write_item(out, item);
    } else if (notation.contains("int")) {
        write_integer(out, notation.at("int").get<std::string>());
    } else if (notation.contains("hex")) {
        out.bytes(bytes_of_hex(notation.at("hex")));
    } else {
        const Json& entries = notation.at("map");
        out.map(entries.size());
        for (const Json& entry : entries) {
            write_item(out, entry.at(0));
            write_item(out, entry.at(1));
        }
    }
}

Bytes item_of(const Json& notation) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    write_item(out, notation);
    return bytes;
}

Result<Json> read_item(cbor::Decoder& in) {
    switch (TRY(in.peek())) {
        case cbor::Kind::unsigned_integer:
            return integer_notation(TRY(in.unsigned_integer()));
        case cbor::Kind::negative_integer:
            return integer_notation(TRY(in.integer()));
        case cbor::Kind::bytes:
            return Json{{"hex", format_hex(TRY(in.bytes()))}};
        case cbor::Kind::text:
            return Json(std::string(TRY(in.text())));
        case cbor::Kind::array:
            return read_array(in);
        case cbor::Kind::map:
            return read_map(in);
        case cbor::Kind::boolean:
            return Json(TRY(in.boolean()));
        case cbor::Kind::null:
            TRY(in.null());
            return Json(nullptr);
    }
    return ErrorCode::malformed;
}

Change change_of(const Json& row) {
    Change change;
    change.sequence = row.at("sequence").get<Sequence>();
    change.time = {row.at("time").at(0).get<std::int64_t>(),
                   row.at("time").at(1).get<std::uint32_t>()};
    change.role = static_cast<Role>(row.at("role").get<std::uint8_t>());
    change.schema_version = row.at("schema_version").get<std::uint32_t>();
    change.record_type = row.at("record_type").get<std::uint32_t>();
    change.record = fixed_of_hex<RecordId>(row.at("record"));
    change.team = fixed_of_hex<TeamId>(row.at("team"));
    for (const Json& entry : row.at("context")) change.context.add(dot_of(entry));
    for (const Json& operation : row.at("operations")) {
        change.operations.push_back(operation_of(operation));
    }
    change.salt = fixed_of_hex<std::array<std::uint8_t, 16>>(row.at("salt"));
    if (const Json& cites = row.at("cites"); !cites.is_null()) {
        change.cites =
            Citation{{fixed_of_hex<LogId>(cites.at("log")), cites.at("sequence").get<Sequence>()},
                     fixed_of_hex<Digest>(cites.at("digest"))};
    }
    return change;
}

}  // namespace godwit::known_answers
