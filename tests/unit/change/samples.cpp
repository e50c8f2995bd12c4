#include "tests/unit/change/samples.h"

#include <string>

namespace godwit::samples {

namespace {

Bytes bytes_item(std::size_t length) {
    Bytes item;
    cbor::Encoder(item).bytes(Bytes(length, 0x5e));
    return item;
}

Bytes integer_item(std::int64_t number) {
    Bytes item;
    cbor::Encoder(item).integer(number);
    return item;
}

Bytes array_item(std::initializer_list<std::string_view> texts) {
    Bytes item;
    cbor::Encoder out(item);
    out.array(texts.size());
    for (const std::string_view text : texts) out.text(text);
    return item;
}

}  // namespace

Bytes text_item(std::string_view text) {
    Bytes item;
    cbor::Encoder(item).text(text);
    return item;
}

Change change_of(Sequence sequence) {
    Change change;
    change.sequence = sequence;
    change.time = {1'800'000'000'000 + static_cast<std::int64_t>(sequence % 1000), 2};
    change.role = Role::worker;
    change.schema_version = 1;
    change.record_type = 2;
    change.record = id_of<RecordId>(0x4e, 9);
    change.team = id_of<TeamId>(0x7e, 1);
    change.operations.push_back({17, OperationKind::set, Form::open, text_item("dormitory"), {}});
    change.operations.push_back({16, OperationKind::set, Form::sealed, bytes_item(72), {}});
    change.salt.fill(static_cast<std::uint8_t>(sequence));
    return change;
}

Change full_change(Sequence sequence) {
    Change change = change_of(sequence);
    change.role = Role::supervisor;
    change.context.add({bela_log, 4});
    change.context.add({caro_log, 1});
    change.operations = {
        {40, OperationKind::set, Form::open, text_item("ئاسىيا"), {}},
        {41, OperationKind::add, Form::open, text_item("wages_withheld"), {}},
        {41, OperationKind::remove, Form::open, {}, {{asha_log, 2}, {bela_log, 1}, {bela_log, 3}}},
        {18, OperationKind::append, Form::sealed, bytes_item(40), {}},
        {19, OperationKind::increment, Form::open, integer_item(-3), {}},
        {20, OperationKind::settle, Form::open, array_item({"one", "two"}), {}},
        {21, static_cast<OperationKind>(77), Form::open, array_item({"newer"}), {}},
        {22, OperationKind::set, static_cast<Form>(9), integer_item(1), {}},
    };
    change.cites = Citation{{caro_log, 12}, Digest{1, 2, 3}};
    return change;
}

Segment segment_of(Sequence first, std::size_t count) {
    Segment segment;
    segment.replica = asha;
    segment.log = asha_log;
    segment.first = first;
    segment.previous = empty_head(asha, asha_log).hash;
    for (Sequence sequence = 1; sequence < first; ++sequence) {
        const Entry entry = entry_of(encode_change(change_of(sequence)));
        segment.previous = chain(segment.previous, entry);
    }
    for (std::size_t index = 0; index < count; ++index) {
        segment.entries.push_back(entry_of(encode_change(change_of(first + index))));
    }
    return segment;
}

}  // namespace godwit::samples
