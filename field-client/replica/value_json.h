/// Values between JSON, as people and programs write them, and CBOR, as changes hold them.
///
///   text, long_text, code, date, money   text            boolean   true, false
///   integer   whole number               moment          ISO 8601 text with its zone
///   reference, member   id in hexadecimal; a member also by name
///   event     object by part name; where only its words are required, a text stands for them
///
/// Spec: replica-call, record-types §3.
#pragma once

#include "field-client/replica/json.h"
#include "field-client/replica/session.h"

namespace godwit {

/// One value of `field` as a CBOR item.
/// Fails with wrong_value, naming the field and what it takes and never repeating the value,
/// unknown_field for a part an event does not have, missing_field for one it needs.
Result<Bytes> item_from_json(const Session& session, const FieldSpec& field, const Json& value);

/// `item` as JSON. Items of newer versions, and those that are not what their field declares, come
/// as near as JSON can: bytes as hexadecimal, maps by their keys.
Json json_from_item(const FieldSpec& field, ByteView item);

/// Items that compete, or stand together by `settle`, as one value: itself when it is alone.
Json json_from_items(const FieldSpec& field, const std::vector<Bytes>& items);

/// Every text in `item` that a person might look for.
std::vector<std::string> texts_in(ByteView item);

}  // namespace godwit
