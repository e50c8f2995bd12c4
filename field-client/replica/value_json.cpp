#include "field-client/replica/value_json.h"

#include <algorithm>
#include <limits>

#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "shared/base/text.h"
#include "shared/change/field_value.h"

namespace godwit {
namespace {

Error wrong(std::string_view name, std::string_view what) {
    return {ErrorCode::wrong_value, std::string(name) + ": " + std::string(what)};
}

/// Where a value stands: a field, or a part of an event, with the name for its errors.
struct Target {
    std::string name;
    ValueType type;
    std::string_view references;
};

Result<Bytes> text_item(const Target& place, const Json& value, std::string_view what) {
    if (!value.is_string()) return wrong(place.name, what);
    Bytes out;
    cbor::Encoder(out).text(value.get_ref<const std::string&>());
    return out;
}

Result<Bytes> integer_item(const Target& place, const Json& value) {
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= max);
    if (!fits) return wrong(place.name, "takes a whole number");
    Bytes out;
    cbor::Encoder(out).integer(value.get<std::int64_t>());
    return out;
}

Result<Bytes> moment_item(const Target& place, const Json& value) {
    const auto moment = value.is_string() ? parse_moment(value.get_ref<const std::string&>())
                                          : std::optional<std::int64_t>();
    if (!moment) {
        return wrong(place.name, "takes a day and time with its zone, as 2026-11-21T14:30Z");
    }
    Bytes out;
    cbor::Encoder(out).integer(*moment);
    return out;
}

Result<Bytes> reference_item(const Session& session, const Target& place, const Json& value) {
    const auto id = value.is_string() ? parse_id<RecordId>(value.get_ref<const std::string&>())
                                      : std::optional<RecordId>();
    if (!id) return wrong(place.name, "takes the whole id of a record, 32 digits (0-9, a-f)");
    const auto kept = TRY(session.store.record(*id));
    if (kept && !place.references.empty()) {
        const RecordType* type = record_type(kept->shown.type);
        if (type != nullptr && type->name != place.references) {
            return wrong(place.name, "takes a record of the type " + std::string(place.references));
        }
    }
    Bytes out;
    cbor::Encoder(out).id(*id);
    return out;
}

Result<Bytes> member_item(const Session& session, const Target& place, const Json& value) {
    if (!value.is_string()) return wrong(place.name, "takes a member, by name or id");
    const auto member = find_member(session, value.get_ref<const std::string&>());
    if (!member) return wrong(place.name, "takes a member of the organisation, by name or id");
    Bytes out;
    cbor::Encoder(out).id(*member);
    return out;
}

Result<Bytes> plain_item(const Session& session, const Target& place, const Json& value) {
    switch (place.type) {
        case ValueType::text:
        case ValueType::long_text:
            return text_item(place, value, "takes a text");
        case ValueType::code:
            return text_item(place, value, "takes a code of its vocabulary");
        case ValueType::date:
            return text_item(place, value, "takes a date, as 2026, 2026-11 or 2026-11-21");
        case ValueType::money:
            return text_item(place, value, "takes an amount as a text, as \"1200.50\"");
        case ValueType::boolean: {
            if (!value.is_boolean()) return wrong(place.name, "takes true or false");
            Bytes out;
            cbor::Encoder(out).boolean(value.get<bool>());
            return out;
        }
        case ValueType::integer:
            return integer_item(place, value);
        case ValueType::moment:
            return moment_item(place, value);
        case ValueType::reference:
            return reference_item(session, place, value);
        case ValueType::member:
            return member_item(session, place, value);
        case ValueType::event:
        case ValueType::review:
            break;
    }
    return wrong(place.name, "is not set this way");
}

/// A bare text stands for an event whose words alone are required.
Json event_object(const FieldSpec& field, const Json& value) {
    constexpr std::string_view words = "text";
    if (!value.is_string()) return value;
    bool has_words = false;
    for (const EventPart& part : field.parts) {
        if (part.name == words) has_words = true;
        if (part.name != words && part.is_required) return value;
    }
    if (!has_words) return value;
    return Json{{std::string(words), value}};
}

Result<Bytes> event_item(const Session& session, const FieldSpec& field, const Json& given) {
    const Json value = event_object(field, given);
    if (!value.is_object()) return wrong(field.name, "takes an object of its parts by name");
    for (const auto& [name, unused] : value.items()) {
        const bool is_part =
            std::any_of(field.parts.begin(), field.parts.end(),
                        [&, &wanted = name](const EventPart& part) { return part.name == wanted; });
        if (!is_part) {
            return Error{ErrorCode::unknown_field, std::string(field.name) + ": " +
                                                       quoted_name(name) + " is none of its parts"};
        }
    }
    Bytes parts;
    std::size_t count = 0;
    for (std::size_t index = 0; index < field.parts.size(); ++index) {
        const EventPart& part = field.parts[index];
        const Target place{std::string(field.name) + "." + std::string(part.name), part.type, {}};
        const auto found = value.find(std::string(part.name));
        if (found == value.end() || found->is_null()) {
            if (part.is_required) return Error{ErrorCode::missing_field, place.name + " is needed"};
            continue;
        }
        const Bytes item = TRY(plain_item(session, place, *found));
        cbor::Encoder(parts).unsigned_integer(index).raw(item);
        ++count;
    }
    Bytes out;
    cbor::Encoder(out).map(count);
    append(out, parts);
    return out;
}

// --- And back --------------------------------------------------------------------------------

/// Any item at all. `in` has been checked to hold one; depth is bounded by the profile.
Json any_json(cbor::Decoder& in) {
    const auto kind = in.peek();
    if (!kind) return nullptr;
    switch (*kind) {
        case cbor::Kind::unsigned_integer:
            return in.unsigned_integer().value();
        case cbor::Kind::negative_integer:
            return in.integer().value();
        case cbor::Kind::bytes:
            return format_hex(in.bytes().value());
        case cbor::Kind::text:
            return std::string(in.text().value());
        case cbor::Kind::boolean:
            return in.boolean().value();
        case cbor::Kind::null:
            static_cast<void>(in.null().value());
            return nullptr;
        case cbor::Kind::array: {
            Json out = Json::array();
            for (std::size_t left = in.array().value(); left > 0; --left) {
                out.push_back(any_json(in));
            }
            return out;
        }
        case cbor::Kind::map: {
            Json out = Json::object();
            for (std::size_t left = in.map().value(); left > 0; --left) {
                const Json key = any_json(in);
                out[key.is_string() ? key.get<std::string>() : format_json(key)] = any_json(in);
            }
            return out;
        }
    }
    return nullptr;
}

Json any_json(ByteView item) {
    if (!cbor::check(item)) return nullptr;
    cbor::Decoder in(item);
    return any_json(in);
}

Json moment_json(ByteView item) {
    const auto moment = cbor::Decoder(item).integer();
    return moment ? Json(format_moment(*moment)) : any_json(item);
}

Json event_json(const FieldSpec& field, ByteView item) {
    if (!cbor::check(item)) return nullptr;
    cbor::Decoder in(item);
    auto entries = cbor::MapReader::open(in);
    if (!entries) return any_json(item);
    Json out = Json::object();
    while (true) {
        const auto key = entries->next();
        if (!key) return any_json(item);
        if (!*key) return out;
        const ByteView part = in.item().value();
        if (**key == event_cites_key) continue;  // For the merge, not for people.
        if (**key >= field.parts.size()) {
            out["part_" + std::to_string(**key)] = any_json(part);
        } else {
            const EventPart& spec = field.parts[static_cast<std::size_t>(**key)];
            out[std::string(spec.name)] =
                spec.type == ValueType::moment ? moment_json(part) : any_json(part);
        }
    }
}

void collect_texts(cbor::Decoder& in, std::vector<std::string>& out) {
    const auto kind = in.peek();
    if (!kind) return;
    if (*kind == cbor::Kind::text) {
        out.emplace_back(in.text().value());
    } else if (*kind == cbor::Kind::array) {
        for (std::size_t left = in.array().value(); left > 0; --left) collect_texts(in, out);
    } else if (*kind == cbor::Kind::map) {
        for (std::size_t left = in.map().value() * 2; left > 0; --left) collect_texts(in, out);
    } else {
        static_cast<void>(in.item().value());
    }
}

}  // namespace

Result<Bytes> item_from_json(const Session& session, const FieldSpec& field, const Json& value) {
    const Target place{std::string(field.name), field.type, field.references};
    Bytes item = field.type == ValueType::event ? TRY(event_item(session, field, value))
                                                : TRY(plain_item(session, place, value));
    TRY(check_value(field, item));
    return item;
}

Json json_from_item(const FieldSpec& field, ByteView item) {
    switch (field.type) {
        case ValueType::moment:
            return moment_json(item);
        case ValueType::event:
            return event_json(field, item);
        case ValueType::review: {
            cbor::Decoder in(item);
            const auto count = in.array();
            const auto state = in.text();
            return count && state ? Json(std::string(*state)) : any_json(item);
        }
        default:
            return any_json(item);
    }
}

Json json_from_items(const FieldSpec& field, const std::vector<Bytes>& items) {
    if (items.empty()) return nullptr;
    if (items.size() == 1) return json_from_item(field, items.front());
    Json out = Json::array();
    for (const Bytes& item : items) out.push_back(json_from_item(field, item));
    return out;
}

std::vector<std::string> texts_in(ByteView item) {
    std::vector<std::string> out;
    if (!cbor::check(item)) return out;
    cbor::Decoder in(item);
    collect_texts(in, out);
    return out;
}

}  // namespace godwit
