/// States of records. The input is a state, or two behind one another, the first's length in two
/// bytes before them: then they are merged.
#include "shared/merge/record_state.h"

namespace {

using godwit::ByteView;

void check_alone(ByteView bytes) {
    const auto state = godwit::decode_state(bytes);
    if (!state) return;
    GODWIT_ASSERT(godwit::is_equal(godwit::encode_state(*state), bytes));
    GODWIT_ASSERT(godwit::merge(*state, *state) == *state);
    static_cast<void>(state->context());
}

void check_merged(ByteView left_bytes, ByteView right_bytes) {
    const auto left = godwit::decode_state(left_bytes);
    const auto right = godwit::decode_state(right_bytes);
    if (!left || !right || left->type != right->type || left->team != right->team) return;
    const godwit::RecordState merged = godwit::merge(*left, *right);
    const auto again = godwit::decode_state(godwit::encode_state(merged));
    GODWIT_ASSERT(again && *again == merged);
    godwit::RecordState in_place = *left;
    godwit::merge_into(in_place, godwit::RecordState(*right));
    GODWIT_ASSERT(in_place == merged);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    check_alone(bytes);
    if (size < 2) return 0;
    const std::size_t length = data[0] * 256U + data[1];
    if (length > size - 2) return 0;
    check_merged(bytes.subspan(2, length), bytes.subspan(2 + length));
    return 0;
}
