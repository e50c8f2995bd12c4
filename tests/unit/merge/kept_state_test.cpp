#include "shared/merge/kept_state.h"

#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

void encode_sibling(cbor::Encoder& out, std::size_t log, const Sibling& sibling) {
    out.array(11)
        .unsigned_integer(log)
        .unsigned_integer(sibling.dot.sequence)
        .unsigned_integer(static_cast<std::uint64_t>(sibling.role))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.kind))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.form))
        .unsigned_integer(static_cast<std::uint64_t>(sibling.mark))
        .integer(sibling.claimed.wall_ms)
        .unsigned_integer(sibling.claimed.tick)
        .integer(sibling.effective.wall_ms - sibling.claimed.wall_ms)
        .unsigned_integer(sibling.effective.tick)
        .raw(sibling.value);
}

/// `state`, which asha and bela made, as the first versions wrote it.
Bytes first_layout(const RecordState& state) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    const auto index = [](const LogId& log) { return log == asha.log ? 0U : 1U; };
    out.array(5).unsigned_integer(state.type).id(state.team).boolean(state.is_erased);
    out.array(3);
    out.array(2).id(asha.log).id(asha.replica);
    out.array(2).id(bela.log).id(bela.replica);
    out.array(2).id(person('c').log).null();  // Only ever seen.
    out.array(state.fields.size() * 2);
    for (const auto& [number, field] : state.fields) {
        out.unsigned_integer(number).array(3).array(field.seen.entries().size() * 2);
        for (const auto& entry : field.seen.entries()) {
            out.unsigned_integer(index(entry.log)).unsigned_integer(entry.through);
        }
        out.array(field.seen_early.size() * 2);
        for (const Dot& dot : field.seen_early) {
            out.unsigned_integer(index(dot.log)).unsigned_integer(dot.sequence);
        }
        out.array(field.siblings.size());
        for (const Sibling& each : field.siblings) encode_sibling(out, index(each.dot.log), each);
    }
    return bytes;
}

RecordState state_of_two() {
    Said late = said(bela, 1, {set(text("other")), set(text("more"), 20)});
    late.acceptance.effective = {late.change.time.wall_ms - 20, 3};
    return state_after(
        {said(asha, 1, {set(text("one"))}), late, said(asha, 2, {take_out({{bela.log, 7}}, 21)})});
}

}  // namespace

TEST_CASE("what was kept in the first layout is read, and renewed", "[merge]") {
    const RecordState state = state_of_two();
    REQUIRE(state.fields.size() == 3);
    const Bytes kept = first_layout(state);

    CHECK_FALSE(decode_state(kept));
    const auto read = decode_kept_state(kept);
    REQUIRE(read);
    CHECK(*read == state);
    CHECK(renew_kept_state(kept).value() == encode_state(state));
}

TEST_CASE("what is kept in today's layout stays as it is", "[merge]") {
    const RecordState state = state_of_two();
    const Bytes kept = encode_state(state);

    CHECK(decode_kept_state(kept).value() == state);
    CHECK(renew_kept_state(kept).value() == kept);
}

TEST_CASE("what was kept and is damaged is refused", "[merge]") {
    const Bytes kept = first_layout(state_of_two());
    for (std::size_t length = 0; length < kept.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(decode_kept_state(ByteView(kept).first(length)));
    }
    Bytes longer = kept;
    longer.push_back(0);
    CHECK_FALSE(decode_kept_state(longer));
    CHECK_FALSE(renew_kept_state(longer));
}

TEST_CASE("whatever byte of what was kept is bent, it reads or is refused, in either way alike",
          "[merge]") {
    const Bytes kept = first_layout(state_of_two());
    // No item; a text; a number no table has a row for; an array.
    const std::uint8_t bent_to = GENERATE(as<std::uint8_t>(), 0xf7, 0x60, 0x17, 0x80);
    std::size_t refused = 0;
    for (std::size_t index = 1; index < kept.size(); ++index) {
        CAPTURE(index);
        Bytes bent = kept;
        bent[index] = bent_to;
        const auto read = decode_kept_state(bent);
        CHECK(bool(renew_kept_state(bent)) == bool(read));
        if (!read) ++refused;
    }
    CHECK(refused > 40);
}

}  // namespace godwit::test
