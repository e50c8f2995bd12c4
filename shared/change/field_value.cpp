#include "shared/change/field_value.h"

#include <algorithm>
#include <array>
#include <string>

namespace godwit {

namespace {

constexpr int year_first = 1900;
constexpr int year_last = 2199;
constexpr std::int64_t moment_first_ms = -2'208'988'800'000;  // 1900-01-01
constexpr std::int64_t moment_end_ms = 7'258'118'400'000;     // 2200-01-01
constexpr std::size_t money_whole_digits_max = 15;
constexpr std::size_t money_places_max = 3;
constexpr std::string_view approved_state = "approved";

/// What a field, or a part of an event, declares about one value.
struct Declared {
    std::string name;  ///< For the error: `contacts`, or `contacts.channel`.
    ValueType type;
    std::string_view vocabulary;
    std::int64_t min;
    std::int64_t max;
};

Error wrong(const Declared& declared, std::string_view what) {
    return {ErrorCode::wrong_value, declared.name + ": " + std::string(what)};
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/// The number `text` spells, or -1 when it is not all digits.
int digits(std::string_view text) {
    int number = 0;
    for (const char character : text) {
        if (!is_digit(character)) return -1;
        number = number * 10 + (character - '0');
    }
    return number;
}

int days_in(int year, int month) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2 && is_leap) return 29;
    return days[static_cast<std::size_t>(month - 1)];
}

/// Unicode scalar values in valid UTF-8: every byte that does not continue one before it.
std::int64_t length_of(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char character) {
        return (static_cast<unsigned char>(character) & 0xc0U) != 0x80U;
    });
}

/// True when valid UTF-8 holds a control character (U+0000–001F, 007F–009F), or, in one line, a
/// line separator (U+2028, U+2029). Paragraphs may hold tabs and line ends. Marks of direction and
/// joiners are no controls here: scripts need them.
bool has_control(std::string_view text, bool is_one_line) {
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        const bool is_layout = byte == '\t' || byte == '\n' || byte == '\r';
        if (byte < 0x20U && (is_one_line || !is_layout)) return true;
        if (byte == 0x7fU) return true;
        if (byte == 0xc2U && static_cast<unsigned char>(text[index + 1]) < 0xa0U) return true;
        const auto three = text.substr(index, 3);
        if (is_one_line && (three == "\u2028" || three == "\u2029")) return true;
    }
    return false;
}

Result<void> check_text(const Declared& declared, cbor::Decoder& in) {
    const auto text = in.text();
    if (!text) return wrong(declared, "is not text");
    const bool is_one_line = declared.type == ValueType::text;
    if (has_control(*text, is_one_line)) {
        return wrong(declared, is_one_line ? "has a line break or control character in one line"
                                           : "has a control character");
    }
    const std::int64_t length = length_of(*text);
    if (length < declared.min) {
        return wrong(declared,
                     declared.min == 1
                         ? "is empty"
                         : "is shorter than " + std::to_string(declared.min) + " characters");
    }
    if (length > declared.max) {
        return wrong(declared, "is longer than " + std::to_string(declared.max) + " characters");
    }
    return ok();
}

Result<void> check_code(const Declared& declared, cbor::Decoder& in) {
    const auto text = in.text();
    if (!text) return wrong(declared, "is not text");
    const Vocabulary* codes = vocabulary(declared.vocabulary);
    if (codes == nullptr || !codes->has(*text)) {
        return wrong(declared, "is not a code of " + std::string(declared.vocabulary));
    }
    return ok();
}

Result<void> check_integer(const Declared& declared, cbor::Decoder& in) {
    const auto number = in.integer();
    if (!number) return wrong(declared, "is not a whole number");
    if (*number < declared.min) return wrong(declared, "is below " + std::to_string(declared.min));
    if (*number > declared.max) return wrong(declared, "is above " + std::to_string(declared.max));
    return ok();
}

Result<void> check_moment(const Declared& declared, cbor::Decoder& in) {
    const auto wall_ms = in.integer();
    if (!wall_ms || *wall_ms < moment_first_ms || *wall_ms >= moment_end_ms) {
        return wrong(declared, "is not a moment between 1900 and 2199");
    }
    return ok();
}

Result<void> check_id(const Declared& declared, cbor::Decoder& in) {
    const auto bytes = in.bytes();
    if (!bytes || bytes->size() != RecordId::size) return wrong(declared, "is not an id");
    const bool is_zero =
        std::all_of(bytes->begin(), bytes->end(), [](std::uint8_t byte) { return byte == 0; });
    if (is_zero) return wrong(declared, "is an id of nothing");
    return ok();
}

/// Any value that is neither event nor review.
Result<void> check_plain(const Declared& declared, cbor::Decoder& in) {
    switch (declared.type) {
        case ValueType::text:
        case ValueType::long_text:
            return check_text(declared, in);
        case ValueType::code:
            return check_code(declared, in);
        case ValueType::boolean:
            if (!in.boolean()) return wrong(declared, "is neither true nor false");
            return ok();
        case ValueType::integer:
            return check_integer(declared, in);
        case ValueType::date: {
            const auto text = in.text();
            if (!text || !is_date(*text)) {
                return wrong(declared, "is not a date: YYYY, YYYY-MM or YYYY-MM-DD, 1900 to 2199");
            }
            return ok();
        }
        case ValueType::moment:
            return check_moment(declared, in);
        case ValueType::money: {
            const auto text = in.text();
            if (!text || !is_money(*text)) {
                return wrong(declared, "is not an amount: digits, and at most three after a dot");
            }
            return ok();
        }
        case ValueType::reference:
        case ValueType::member:
            return check_id(declared, in);
        case ValueType::event:
        case ValueType::review:
            break;
    }
    return wrong(declared, "is of a type unknown here");
}

bool is_text(ValueType type) {
    return type == ValueType::text || type == ValueType::long_text;
}

std::int64_t length_max(ValueType type) {
    return type == ValueType::text ? text_length_max : long_text_length_max;
}

Declared declared_by(const FieldSpec& field) {
    Declared out{std::string(field.name), field.type, field.vocabulary, INT64_MIN, INT64_MAX};
    if (is_text(field.type)) {
        // An empty text is how a register is cleared; in a set it would say nothing at all.
        const bool may_be_empty = !field.is_required && field.rule != Rule::union_;
        out.min = may_be_empty ? 0 : 1;
        out.max = length_max(field.type);
    }
    out.min = field.min.value_or(out.min);
    out.max = field.max.value_or(out.max);
    return out;
}

Declared declared_by(const FieldSpec& field, const EventPart& part) {
    Declared out{std::string(field.name) + "." + std::string(part.name), part.type, part.vocabulary,
                 INT64_MIN, INT64_MAX};
    if (is_text(part.type)) {
        out.min = 1;  // A part without a word is left out.
        out.max = length_max(part.type);
    }
    return out;
}

/// The events cited: dots, strictly ascending.
Result<void> check_cites(const Declared& declared, cbor::Decoder& in) {
    const auto count = in.array();
    if (!count) return wrong(declared, "what it cites is no list");
    if (*count == 0 || *count > event_cites_max) return wrong(declared, "cites none or too many");
    std::optional<Dot> last;
    for (std::size_t index = 0; index < *count; ++index) {
        const auto dot = decode_dot(in);
        if (!dot || dot->sequence == 0) return wrong(declared, "cites what is no dot");
        if (last && *dot <= *last) return wrong(declared, "what it cites does not ascend");
        last = *dot;
    }
    return ok();
}

Result<void> check_event(const Declared& declared, const FieldSpec& field, cbor::Decoder& in) {
    auto entries = cbor::MapReader::open(in);
    if (!entries) return wrong(declared, "is not a map of parts");
    std::vector<bool> has(field.parts.size(), false);
    bool has_any = false;
    while (true) {
        const auto key = entries->next();
        if (!key) return wrong(declared, "its parts are not in order");
        if (!key->has_value()) break;
        if (**key == event_cites_key) {
            TRY(check_cites(declared, in));
        } else if (**key < field.parts.size()) {
            const auto index = static_cast<std::size_t>(**key);
            TRY(check_plain(declared_by(field, field.parts[index]), in));
            has[index] = has_any = true;
        } else {
            return wrong(declared, "has a part it does not declare");
        }
    }
    for (std::size_t index = 0; index < field.parts.size(); ++index) {
        if (field.parts[index].is_required && !has[index]) {
            return wrong(declared_by(field, field.parts[index]), "is missing");
        }
    }
    if (!has_any) return wrong(declared, "has no part");
    return ok();
}

bool is_state(const FieldSpec& field, std::string_view code) {
    return std::find(field.order.begin(), field.order.end(), code) != field.order.end();
}

Result<void> check_review(const Declared& declared, const FieldSpec& field, cbor::Decoder& in) {
    if (!in.array_of(2)) return wrong(declared, "is not a pair of state and context");
    const auto state = in.text();
    if (!state || !is_state(field, *state)) {
        return wrong(declared, "is not a state a review can be put in");
    }
    const auto is_null = in.try_null();
    if (!is_null) return wrong(declared, "is not a pair of state and context");
    if (*state == approved_state) {
        if (*is_null) return wrong(declared, "an approval names what it approves");
        const auto context = decode_context(in);
        if (!context || context->is_empty()) {
            return wrong(declared, "what an approval names is no context");
        }
    } else if (!*is_null) {
        return wrong(declared, "only an approval names a context");
    }
    return ok();
}

Result<void> check_declared(const Declared& declared, const FieldSpec& field, cbor::Decoder& in) {
    if (field.type == ValueType::event) return check_event(declared, field, in);
    if (field.type == ValueType::review) return check_review(declared, field, in);
    TRY(check_plain(declared, in));
    return ok();
}

/// The state a state machine is put in must be one that can be stored: some are only shown.
Result<void> check_state(const Declared& declared, const FieldSpec& field, ByteView item) {
    if (field.rule != Rule::state_machine || field.type != ValueType::code) return ok();
    const auto code = cbor::Decoder(item).text();
    if (!code || !is_state(field, *code)) return wrong(declared, "is not a state it can be put in");
    return ok();
}

}  // namespace

bool is_date(std::string_view text) {
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    const int year = digits(text.substr(0, 4));
    if (year < year_first || year > year_last) return false;
    if (text.size() == 4) return true;
    const int month = digits(text.substr(5, 2));
    if (text[4] != '-' || month < 1 || month > 12) return false;
    if (text.size() == 7) return true;
    const int day = digits(text.substr(8, 2));
    return text[7] == '-' && day >= 1 && day <= days_in(year, month);
}

bool is_money(std::string_view text) {
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const auto all_digits = [](std::string_view part) {
        return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
    };
    if (!all_digits(whole) || whole.size() > money_whole_digits_max) return false;
    if (whole.size() > 1 && whole.front() == '0') return false;
    if (dot == std::string_view::npos) return true;
    const std::string_view places = text.substr(dot + 1);
    return all_digits(places) && places.size() <= money_places_max;
}

Result<void> check_value(const FieldSpec& field, ByteView item) {
    const Declared declared = declared_by(field);
    cbor::Decoder in(item);
    TRY(check_declared(declared, field, in));
    if (!in.is_at_end()) return wrong(declared, "has bytes after its value");
    return check_state(declared, field, item);
}

}  // namespace godwit
