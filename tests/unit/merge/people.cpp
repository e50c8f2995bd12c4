#include "tests/unit/merge/people.h"

namespace godwit::test {

const Person asha = person('a');
const Person bela = person('b');
const Person caro = person('c');
const Person dina = person('d', Role::supervisor);

Person person(char letter, Role role) {
    Person out;
    out.log.bytes.fill(static_cast<std::uint8_t>(letter));
    out.replica.bytes.fill(static_cast<std::uint8_t>(letter));
    out.role = role;
    return out;
}

Said said(const Person& by, Sequence sequence, std::vector<Operation> operations,
          const Context& context, std::int64_t at_ms) {
    Said out;
    out.change.sequence = sequence;
    out.change.time = {1'700'000'000'000, 3};
    out.change.role = by.role;
    out.change.schema_version = 1;
    out.change.record_type = 2;
    out.change.record.bytes.fill(7);
    out.change.team.bytes.fill(9);
    out.change.context = context;
    out.change.operations = std::move(operations);
    out.acceptance = {by.log, by.replica, {at_ms, 0}, Mark::none};
    return out;
}

Operation set(Bytes value, std::uint32_t field) {
    return {field, OperationKind::set, Form::open, std::move(value), {}};
}

Operation settle(Bytes values, std::uint32_t field) {
    return {field, OperationKind::settle, Form::open, std::move(values), {}};
}

Operation add(Bytes value, std::uint32_t field) {
    return {field, OperationKind::add, Form::open, std::move(value), {}};
}

Operation note(Bytes value, std::uint32_t field) {
    return {field, OperationKind::append, Form::open, std::move(value), {}};
}

Operation count(std::int64_t amount, std::uint32_t field) {
    return {field, OperationKind::increment, Form::open, integer(amount), {}};
}

Operation take_out(std::vector<Dot> dots, std::uint32_t field) {
    return {field, OperationKind::remove, Form::open, {}, std::move(dots)};
}

Operation erase() {
    return {0, OperationKind::erase, Form::open, {}, {}};
}

Context seen(std::initializer_list<Dot> dots) {
    Context out;
    for (const Dot& each : dots) out.add(each);
    return out;
}

Bytes text(std::string_view value) {
    Bytes out;
    cbor::Encoder(out).text(value);
    return out;
}

Bytes integer(std::int64_t value) {
    Bytes out;
    cbor::Encoder(out).integer(value);
    return out;
}

Bytes boolean(bool value) {
    Bytes out;
    cbor::Encoder(out).boolean(value);
    return out;
}

Bytes array(std::initializer_list<Bytes> items) {
    Bytes out;
    cbor::Encoder encoder(out);
    encoder.array(items.size());
    for (const Bytes& each : items) encoder.raw(each);
    return out;
}

RecordState state_after(const std::vector<Said>& changes) {
    RecordState state;
    for (const Said& each : changes) apply(state, each);
    return state;
}

std::vector<std::uint32_t> apply(RecordState& state, const Said& each) {
    return godwit::apply(state, each.change, each.acceptance);
}

std::vector<Dot> sibling_dots(const RecordState& state, std::uint32_t field) {
    std::vector<Dot> out;
    const auto found = state.fields.find(field);
    if (found == state.fields.end()) return out;
    for (const Sibling& each : found->second.siblings) out.push_back(each.dot);
    return out;
}

std::vector<OpenedSibling> opened_siblings(const RecordState& state, std::uint32_t field) {
    std::vector<OpenedSibling> out;
    const auto found = state.fields.find(field);
    if (found == state.fields.end()) return out;
    for (const Sibling& each : found->second.siblings) out.push_back(opened(each));
    return out;
}

FieldSpec field_of(Rule rule, ValueType type, std::span<const std::string_view> order) {
    FieldSpec out{};
    out.number = any_field;
    out.name = "field";
    out.type = type;
    out.rule = rule;
    out.order = order;
    return out;
}

}  // namespace godwit::test
