#include "field-client/cli/field_input.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "field-client/cli/terminal.h"
#include "shared/model/common_fields.h"

namespace godwit {

namespace {

bool holds_many(const FieldSpec& field) {
    return field.rule == Rule::union_ || field.rule == Rule::append;
}

/// One element from plain text. Only what JSON does not write as text is converted; the replica
/// checks everything.
Result<Json> element_of_text(const FieldSpec& field, std::string_view text) {
    const std::string name(field.name);
    if (field.type == ValueType::boolean) {
        if (text == "true" || text == "yes") return Json(true);
        if (text == "false" || text == "no") return Json(false);
        return Error{ErrorCode::wrong_value, name + " is true or false"};
    }
    if (field.type == ValueType::integer) {
        std::int64_t number = 0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (fault != std::errc{} || end != text.data() + text.size()) {
            return Error{ErrorCode::wrong_value, name + " is a whole number"};
        }
        return Json(number);
    }
    if (field.type == ValueType::event) {
        // An event with one part that wants words takes plain words for it.
        for (const EventPart& part : field.parts) {
            const bool is_words = part.type == ValueType::text || part.type == ValueType::long_text;
            if (is_words && part.is_required)
                return Json{{std::string(part.name), std::string(text)}};
        }
        return Error{ErrorCode::wrong_value, name + " is an object of named parts"};
    }
    return Json(std::string(text));
}

bool is_condition_met(const RecordType& type, const FieldSpec& field, const Json& fields) {
    if (field.when.field == 0) return true;
    const FieldSpec* on = type.field(field.when.field);
    if (on == nullptr) return true;
    const Json& value = member(fields, on->name);
    if (value.is_null()) return false;
    if (field.when.values.empty()) return true;
    const auto is_named = [&](const Json& one) {
        const std::string text = one.is_string() ? one.get<std::string>() : format_json(one);
        return std::find(field.when.values.begin(), field.when.values.end(), text) !=
               field.when.values.end();
    };
    return value.is_array() ? std::any_of(value.begin(), value.end(), is_named) : is_named(value);
}

std::string prompt_for(const FieldSpec& field) {
    std::string prompt(field.label);
    const Vocabulary* codes = field.vocabulary.empty() ? nullptr : vocabulary(field.vocabulary);
    constexpr std::size_t codes_shown_max = 12;
    if (codes != nullptr) {
        prompt += " [";
        for (std::size_t index = 0; index < codes->terms.size() && index < codes_shown_max;
             ++index) {
            if (index > 0) prompt += ", ";
            prompt += codes->terms[index].code;
        }
        prompt += codes->terms.size() > codes_shown_max ? ", …]" : "]";
    } else if (field.type == ValueType::date) {
        prompt += " [2026, 2026-11 or 2026-11-21]";
    } else if (field.type == ValueType::boolean) {
        prompt += " [yes, no]";
    }
    return prompt + ":";
}

}  // namespace

Result<const RecordType*> type_named(const std::string& name) {
    if (const RecordType* type = record_type(name)) return type;
    std::string known;
    for (const RecordType& type : record_types()) {
        known += known.empty() ? "" : ", ";
        known += type.name;
    }
    return Error{ErrorCode::unknown_type, "the types are " + known};
}

Result<const FieldSpec*> field_named(const RecordType& type, const std::string& name) {
    if (const FieldSpec* field = type.field(name)) return field;
    return Error{ErrorCode::unknown_field, std::string(type.name) + " has no field of that name"};
}

Result<void> add_field_arguments(const RecordType& type, const std::vector<std::string>& arguments,
                                 Json& fields) {
    for (const std::string& argument : arguments) {
        const std::size_t equals = argument.find('=');
        if (equals == std::string::npos) return Error{ErrorCode::usage, "--field NAME=VALUE"};
        const FieldSpec* field = TRY(field_named(type, argument.substr(0, equals)));
        const std::string name(field->name);
        if (field->is_sealed) {
            return Error{ErrorCode::sealed_in_argument,
                         name + ": give it with --from FILE or --from -"};
        }
        Json value = TRY(element_of_text(*field, std::string_view(argument).substr(equals + 1)));
        if (holds_many(*field)) {
            Json& values = fields[name];
            if (!values.is_array()) values = Json::array();
            values.push_back(std::move(value));
        } else if (fields.contains(name)) {
            return Error{ErrorCode::usage, name + " is given twice"};
        } else {
            fields[name] = std::move(value);
        }
    }
    return ok();
}

Result<Json> value_of_text(const FieldSpec& field, std::string text, const std::string& source) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const char lead = first == std::string::npos ? '\0' : text[first];
    const bool is_structured = lead == '{' || (lead == '[' && holds_many(field));
    if (is_structured && field.type == ValueType::event) return parse_json(text, source);
    if (lead == '"' || lead == '[' || lead == '{') {
        // Words may begin with a quotation mark or a bracket too: then they are words.
        Result<Json> value = parse_json(text, source);
        if (value) return value;
    }
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    return element_of_text(field, text);
}

bool is_sealed_name(const RecordType* type, std::string_view name) {
    if (type != nullptr) {
        const FieldSpec* field = type->field(name);
        return field != nullptr && field->is_sealed;
    }
    const auto types = record_types();
    return std::any_of(types.begin(), types.end(),
                       [&](const RecordType& each) { return is_sealed_name(&each, name); });
}

Result<void> ask_for_required(const RecordType& type, Json& fields) {
    for (const FieldSpec& field : type.fields) {
        const std::string name(field.name);
        if (!field.is_required || field.number < common_field::first_free ||
            fields.contains(name) || !is_condition_met(type, field, fields)) {
            continue;
        }
        const std::string prompt = prompt_for(field);
        const std::string words =
            TRY(field.type == ValueType::long_text ? ask_lines(prompt) : ask(prompt));
        if (words.empty()) continue;  // The replica says what is missing.
        Json value = TRY(element_of_text(field, words));
        fields[name] = holds_many(field) ? Json::array({std::move(value)}) : std::move(value);
    }
    return ok();
}

}  // namespace godwit
