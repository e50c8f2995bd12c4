#include "tests/support/running_schema.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "shared/model/common_fields.h"

namespace godwit {
namespace {

Schema running = Schema::todays;

FieldSpec later_spec(std::uint32_t number, std::string_view name, ValueType type, Rule rule) {
    FieldSpec field{};
    field.number = number;
    field.name = field.label_key = field.label = name;
    field.type = type;
    field.rule = rule;
    return field;
}

class LaterTypes {
public:
    LaterTypes() {
        for (const RecordType& type : compiled_record_types()) add(type, type.fields);
        const auto fields = compiled_record_types().front().fields;
        const auto end = std::find_if(fields.begin(), fields.end(), [](const FieldSpec& field) {
            return field.number >= common_field::first_free;
        });
        RecordType type{};
        type.audience = Audience::members;
        type.number = later::first_type;
        type.name = later::first_type_name;
        add(type, {fields.begin(), end});
        type.number = later::second_type;
        type.name = later::second_type_name;
        add(type, {fields.begin(), end});
    }

    [[nodiscard]] std::span<RecordType> types() { return types_; }

private:
    void add(RecordType type, std::span<const FieldSpec> known) {
        auto& all = fields_.emplace_back(known.begin(), known.end());
        FieldSpec& open = all.emplace_back(
            later_spec(later::field, "later_number", ValueType::integer, Rule::latest));
        open.min = 0;
        open.max = 1'000'000;
        FieldSpec& sealed = all.emplace_back(
            later_spec(later::sealed_field, "later_words", ValueType::text, Rule::keep_both));
        sealed.is_sealed = true;
        type.version += 1;
        type.fields = all;
        type.by_name = {};
        type.label = type.name;
        types_.push_back(type);
    }

    std::deque<std::vector<FieldSpec>> fields_;
    std::vector<RecordType> types_;
};

std::span<RecordType> later_types() {
    static LaterTypes types;
    return types.types();
}

}  // namespace

void choose_later_audiences(Audience first_type, Audience second_type) {
    for (RecordType& type : later_types()) {
        if (type.number == later::first_type) type.audience = first_type;
        if (type.number == later::second_type) type.audience = second_type;
    }
}

Running::Running(Schema schema) : before_(std::exchange(running, schema)) {}

Running::~Running() {
    running = before_;
}

std::span<const RecordType> record_types() {
    if (running == Schema::todays) return compiled_record_types();
    return later_types();
}

std::uint32_t schema_version() {
    const bool is_todays = running == Schema::todays;
    return compiled_schema_version() + (is_todays ? 0 : 1);
}

}  // namespace godwit
