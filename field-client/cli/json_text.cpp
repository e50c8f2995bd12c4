#include "field-client/cli/json_text.h"

#include <set>
#include <vector>

namespace godwit {

namespace {

/// "line 3, column 7" of the byte counted from 1.
std::string place_of(std::string_view text, std::size_t byte) {
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t index = 0; index + 1 < byte && index < text.size(); ++index) {
        const auto unit = static_cast<unsigned char>(text[index]);
        if (unit == '\n') {
            ++line;
            column = 1;
        } else if ((unit & 0xc0U) != 0x80U) {
            ++column;
        }
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& source) {
    std::vector<std::set<std::string>> open;
    bool has_twin = false;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key &&
            !open.back().insert(value.get<std::string>()).second) {
            has_twin = true;
        }
        return true;
    };
    try {
        Json value = Json::parse(text, watch);
        if (has_twin)
            return Error{ErrorCode::not_json, source + ": an object names a member twice"};
        return value;
    } catch (const Json::parse_error& fault) {
        return Error{ErrorCode::not_json, source + ", " + place_of(text, fault.byte)};
    }
}

std::string format_json(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, std::string_view name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(std::string(name));
    return found == object.end() ? nothing : *found;
}

std::string text_member(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_member(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool flag_member(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

}  // namespace godwit
