#include "field-client/replica/json.h"

#include <algorithm>
#include <limits>

namespace godwit {
namespace {

Error wrong(std::string_view name, std::string_view what) {
    return {ErrorCode::wrong_parameters, std::string(name) + ": " + std::string(what)};
}

/// Builds what it reads, and stops at what the library would let pass: a name that stands twice in
/// one object, and more levels than anybody means.
class JsonReader final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override {
        return put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }  // No text has any.
    bool start_object(std::size_t /*count*/) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*count*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        auto& object = open_.back()->get_ref<Json::object_t&>();
        const auto [place, is_new] = object.emplace(std::move(name), nullptr);
        if (!is_new && !doubled_) doubled_ = place->first;
        next_ = &place->second;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*reason*/) override {
        bytes_read_ = position;
        return false;
    }

    [[nodiscard]] Json take() { return std::move(root_); }
    [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] bool is_too_deep() const { return is_too_deep_; }
    [[nodiscard]] const std::optional<std::string>& doubled() const { return doubled_; }

private:
    /// Where the next value goes; what is open does not move while something stands open in it.
    Json& place() {
        if (open_.empty()) return root_;
        if (!open_.back()->is_array()) return *next_;
        return open_.back()->get_ref<Json::array_t&>().emplace_back();
    }
    template <typename Value>
    bool put(Value&& value) {
        place() = std::forward<Value>(value);
        return true;
    }
    bool open(Json empty) {
        is_too_deep_ = open_.size() == json_depth_max;
        if (is_too_deep_) return false;
        Json& opened = place();
        opened = std::move(empty);
        open_.push_back(&opened);
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    Json root_;
    std::vector<Json*> open_;
    Json* next_{};
    std::optional<std::string> doubled_;
    std::size_t bytes_read_{};
    bool is_too_deep_{};
};

/// Says where a text stops being JSON, and nothing of what it says.
Error not_json(std::string_view text, std::size_t bytes_read) {
    const std::string_view read = text.substr(0, bytes_read);
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const std::size_t start = read.rfind('\n') + 1;  // 0 when there is no line before.
    return {ErrorCode::not_json, "the text stops being JSON in line " + std::to_string(line) +
                                     ", at byte " + std::to_string(read.size() - start)};
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
    JsonReader reader;
    const bool is_read = Json::sax_parse(text.begin(), text.end(), &reader);
    if (reader.is_too_deep()) return Error{ErrorCode::too_deep, "JSON with more than 64 levels"};
    if (!is_read) return not_json(text, reader.bytes_read());
    if (reader.doubled()) {
        return Error{ErrorCode::wrong_parameters,
                     quoted_name(*reader.doubled()) + " stands twice in one object"};
    }
    return reader.take();
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
    TRY(value(name));
    return optional_array(name);
}

Result<const Json*> Parameters::optional_array(std::string_view name) {
    const Json* found = optional_value(name);
    if (found != nullptr && !found->is_array()) return wrong(name, "is a list");
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
