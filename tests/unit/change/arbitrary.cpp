#include "tests/unit/change/arbitrary.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "shared/base/text.h"
#include "tests/unit/change/samples.h"

namespace godwit::samples {

namespace {

template <typename Number>
Number within(Number first, Number last) {
    return *rc::gen::resize(rc::kNominalSize * 4, rc::gen::inRange<Number>(first, last)).as("n");
}

Bytes any_bytes(std::size_t length_max) {
    const auto length = within<std::size_t>(0, length_max + 1);
    return *rc::gen::container<Bytes>(length, rc::gen::arbitrary<std::uint8_t>());
}

template <std::size_t Size>
std::array<std::uint8_t, Size> any_fixed() {
    std::array<std::uint8_t, Size> out{};
    const Bytes drawn = *rc::gen::container<Bytes>(Size, rc::gen::arbitrary<std::uint8_t>());
    std::copy(drawn.begin(), drawn.end(), out.begin());
    return out;
}

/// Integers of every length of head, near its bounds.
std::uint64_t any_number() {
    const auto bits = within<unsigned>(0, 65);
    const std::uint64_t edge = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits);
    return edge + within<std::uint64_t>(0, 3) - 1;
}

std::string any_text() {
    static const std::vector<std::string> pieces{"a", "é", "ক", "မ", "😀", "ا", "\n", "\""};
    std::string text;
    for (auto left = within<int>(0, 12); left > 0; --left) text += *rc::gen::elementOf(pieces);
    return text;
}

Sequence any_sequence() {
    const auto small = within<Sequence>(1, 6);
    return within<int>(0, 10) == 0 ? sequence_max - small : small;
}

Dot any_dot() {
    return {*rc::gen::element(asha_log, bela_log, caro_log), any_sequence()};
}

void write_item(cbor::Encoder& out, int depth);

void write_map(cbor::Encoder& out, int depth) {
    std::map<Bytes, Bytes> entries;  // By the bytes of the key, as the profile orders them.
    for (auto left = within<int>(0, 5); left > 0; --left) {
        Bytes key;
        Bytes value;
        cbor::Encoder key_out(key);
        cbor::Encoder value_out(value);
        write_item(key_out, 0);
        write_item(value_out, depth - 1);
        entries.emplace(std::move(key), std::move(value));
    }
    out.map(entries.size());
    for (const auto& [key, value] : entries) out.raw(key).raw(value);
}

void write_array(cbor::Encoder& out, int depth) {
    const auto count = within<std::size_t>(0, 5);
    out.array(count);
    for (std::size_t left = count; left > 0; --left) write_item(out, depth - 1);
}

void write_item(cbor::Encoder& out, int depth) {
    switch (within<int>(0, depth > 0 ? 8 : 6)) {
        case 0:
            out.unsigned_integer(any_number());
            return;
        case 1:
            out.integer(-1 - static_cast<std::int64_t>(any_number() >> 1U));
            return;
        case 2:
            out.bytes(any_bytes(300));
            return;
        case 3:
            out.text(any_text());
            return;
        case 4:
            out.boolean(within<int>(0, 2) == 0);
            return;
        case 5:
            out.null();
            return;
        case 6:
            write_array(out, depth);
            return;
        default:
            write_map(out, depth);
            return;
    }
}

Bytes item_of(int depth) {
    Bytes item;
    cbor::Encoder out(item);
    write_item(out, depth);
    return item;
}

Bytes settled_item() {
    Bytes item;
    cbor::Encoder out(item);
    const auto count = within<std::size_t>(1, 4);
    out.array(count);
    for (std::size_t left = count; left > 0; --left) out.raw(item_of(1));
    return item;
}

Operation any_removal(std::uint32_t field) {
    Operation operation;
    operation.field = field;
    operation.kind = OperationKind::remove;
    for (auto left = within<int>(1, 6); left > 0; --left) operation.removed.push_back(any_dot());
    std::sort(operation.removed.begin(), operation.removed.end());
    const auto end = std::unique(operation.removed.begin(), operation.removed.end());
    operation.removed.erase(end, operation.removed.end());
    return operation;
}

Operation any_gain(std::uint32_t field) {
    Operation operation;
    operation.field = field;
    operation.kind = *rc::gen::element(
        OperationKind::set, OperationKind::add, OperationKind::append, OperationKind::increment,
        OperationKind::settle, static_cast<OperationKind>(8), static_cast<OperationKind>(255));
    operation.form = *rc::gen::element(Form::open, Form::sealed, static_cast<Form>(2));
    if (operation.form == Form::sealed) {
        cbor::Encoder(operation.value).bytes(any_bytes(80));
    } else if (operation.kind == OperationKind::settle && operation.form == Form::open) {
        operation.value = settled_item();
    } else {
        operation.value = item_of(3);
    }
    return operation;
}

std::vector<Operation> any_operations() {
    if (within<int>(0, 12) == 0) return {{0, OperationKind::erase, Form::open, {}, {}}};
    std::vector<Operation> operations;
    auto field = within<std::uint32_t>(1, 40);
    for (auto left = within<int>(1, 6); left > 0; --left) {
        const auto which = within<int>(0, 4);
        if (which == 0) operations.push_back(any_removal(field));
        if (which != 1) operations.push_back(any_gain(field));
        if (which == 1) operations.push_back(any_removal(field));
        field += within<std::uint32_t>(1, 70'000);
    }
    // Given order is kept, so it is drawn as well.
    if (within<int>(0, 2) == 0) std::reverse(operations.begin(), operations.end());
    return operations;
}

Context context_drawn() {
    Context context;
    for (auto left = within<int>(0, 4); left > 0; --left) context.add(any_dot());
    return context;
}

Change change_drawn() {
    Change change;
    change.sequence = any_sequence();
    change.time.wall_ms = within<std::int64_t>(-wall_ms_max, wall_ms_max + 1);
    change.time.tick = static_cast<std::uint32_t>(any_number());
    change.role =
        *rc::gen::element(Role::worker, Role::supervisor, Role::administrator, Role::advocate);
    change.schema_version = static_cast<std::uint32_t>(any_number());
    change.record_type = static_cast<std::uint32_t>(any_number());
    change.record.bytes = any_fixed<16>();
    change.team.bytes = any_fixed<16>();
    change.context = context_drawn();
    change.operations = any_operations();
    change.salt = any_fixed<16>();
    if (within<int>(0, 3) == 0) change.cites = Citation{any_dot(), any_fixed<32>()};
    return change;
}

Entry entry_drawn() {
    const auto which = within<int>(0, 6);
    if (which == 0) {
        Entry erased;
        erased.record.bytes = any_fixed<16>();
        erased.digest = any_fixed<32>();
        return erased;
    }
    if (which == 1) {
        Bytes no_change = any_bytes(40);
        no_change.push_back(0);
        return entry_of(std::move(no_change));
    }
    return entry_of(encode_change(change_drawn()));
}

}  // namespace

rc::Gen<Bytes> any_item(int depth) {
    return rc::gen::exec([depth] { return item_of(depth); });
}

rc::Gen<Context> any_context() {
    return rc::gen::exec([] { return context_drawn(); });
}

rc::Gen<Change> any_change() {
    return rc::gen::exec([] { return change_drawn(); });
}

rc::Gen<Segment> any_segment() {
    return rc::gen::exec([] {
        Segment segment;
        segment.replica.bytes = any_fixed<16>();
        segment.log.bytes = any_fixed<16>();
        segment.first = within<Sequence>(1, sequence_max - 10);
        segment.previous = any_fixed<32>();
        for (auto left = within<int>(1, 5); left > 0; --left) {
            segment.entries.push_back(entry_drawn());
        }
        segment.signature = any_fixed<64>();
        return segment;
    });
}

}  // namespace godwit::samples
