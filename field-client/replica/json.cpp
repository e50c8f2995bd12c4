#include "field-client/replica/json.h"

#include <algorithm>
#include <limits>
#include <set>

namespace godwit {
namespace {

Error wrong(std::string_view name, std::string_view what) {
    return {ErrorCode::wrong_parameters, std::string(name) + ": " + std::string(what)};
}

/// Watches a parse for what the library would let pass.
class Watch {
public:
    bool see(Json::parse_event_t event, const Json& parsed) {
        switch (event) {
            case Json::parse_event_t::object_start:
                names_.emplace_back();
                break;
            case Json::parse_event_t::object_end:
                if (!names_.empty()) names_.pop_back();
                break;
            case Json::parse_event_t::key:
                if (!names_.empty() && !names_.back().insert(parsed.get<std::string>()).second) {
                    if (!doubled_) doubled_ = parsed.get<std::string>();
                }
                break;
            default:
                break;
        }
        return true;
    }
    [[nodiscard]] const std::optional<std::string>& doubled() const { return doubled_; }

private:
    std::vector<std::set<std::string>> names_;
    std::optional<std::string> doubled_;
};

/// Finds where a text stops being JSON, and keeps nothing of what it says.
class Place final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        bytes_read_ = position;
        return false;
    }
    [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }

private:
    std::size_t bytes_read_{};
};

Error not_json(std::string_view text) {
    Place place;
    Json::sax_parse(text.begin(), text.end(), &place);
    const std::string_view read = text.substr(0, place.bytes_read());
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const std::size_t start = read.rfind('\n') + 1;  // 0 when there is no line before.
    return {ErrorCode::not_json, "the text stops being JSON in line " + std::to_string(line) +
                                     ", at byte " + std::to_string(read.size() - start)};
}

/// Looks at brackets outside texts alone: a reader builds something for each level before it could
/// say that there are too many.
bool is_too_deep(std::string_view text) {
    std::size_t depth = 0;
    bool is_in_text = false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        if (is_in_text) {
            if (letter == '\\') ++index;
            if (letter == '"') is_in_text = false;
        } else if (letter == '"') {
            is_in_text = true;
        } else if (letter == '[' || letter == '{') {
            if (++depth > json_depth_max) return true;
        } else if ((letter == ']' || letter == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

bool can_be_name(std::string_view text) {
    constexpr std::size_t name_bytes_max = 48;
    if (text.empty() || text.size() > name_bytes_max) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (is_too_deep(text)) return Error{ErrorCode::too_deep, "JSON with more than 64 levels"};
    Watch watch;
    Json json = Json::parse(
        text.begin(), text.end(),
        [&](int /*depth*/, Json::parse_event_t event, Json& parsed) {
            return watch.see(event, parsed);
        },
        false);
    if (json.is_discarded()) return not_json(text);
    if (watch.doubled()) {
        return Error{ErrorCode::wrong_parameters,
                     quoted_name(*watch.doubled()) + " stands twice in one object"};
    }
    return json;
}

std::string format_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string quoted_name(std::string_view name) {
    if (!can_be_name(name)) return "a name that is none";
    return "\"" + std::string(name) + "\"";
}

Result<const Json*> Parameters::value(std::string_view name) {
    const Json* found = optional_value(name);
    if (found == nullptr) return wrong(name, "is needed");
    return found;
}

const Json* Parameters::optional_value(std::string_view name) {
    asked_.push_back(name);
    const auto found = object_.find(std::string(name));
    // A null is what a program sends that has nothing to say.
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> Parameters::text(std::string_view name) {
    auto found = TRY(optional_text(name));
    if (!found) return wrong(name, "is needed");
    return std::move(*found);
}

Result<std::optional<std::string>> Parameters::optional_text(std::string_view name) {
    const Json* found = optional_value(name);
    if (found == nullptr) return std::optional<std::string>();
    if (!found->is_string()) return wrong(name, "is a text");
    return std::optional<std::string>(found->get<std::string>());
}

Result<bool> Parameters::boolean(std::string_view name, bool otherwise) {
    const Json* found = optional_value(name);
    if (found == nullptr) return otherwise;
    if (!found->is_boolean()) return wrong(name, "is true or false");
    return found->get<bool>();
}

Result<std::int64_t> Parameters::integer(std::string_view name) {
    const Json* found = TRY(value(name));
    const bool fits = found->is_number_integer() &&
                      (!found->is_number_unsigned() ||
                       found->get<std::uint64_t>() <=
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits) return wrong(name, "is a whole number");
    return found->get<std::int64_t>();
}

Result<std::int64_t> Parameters::integer(std::string_view name, std::int64_t otherwise) {
    if (optional_value(name) == nullptr) return otherwise;
    return integer(name);
}

Result<const Json*> Parameters::array(std::string_view name) {
    const Json* found = TRY(value(name));
    if (!found->is_array()) return wrong(name, "is a list");
    return found;
}

Result<const Json*> Parameters::object(std::string_view name) {
    static const Json nothing = Json::object();
    const Json* found = optional_value(name);
    if (found == nullptr) return &nothing;
    if (!found->is_object()) return wrong(name, "is an object of names and values");
    return found;
}

Result<void> Parameters::finish() const {
    for (const auto& [name, unused] : object_.items()) {
        if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
            return Error{ErrorCode::wrong_parameters,
                         quoted_name(name) + " is no parameter of this method"};
        }
    }
    return ok();
}

}  // namespace godwit
