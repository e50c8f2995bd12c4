#include "shared/change/change.h"

#include <algorithm>
#include <functional>
#include <string>

#include "shared/base/sha256.h"
#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using namespace godwit::samples;

namespace {

/// The code with which a change is refused, by its author's check and by every reader alike.
std::optional<ErrorCode> refusal_of(const Change& change) {
    const auto checked = check_change(change);
    const auto decoded = decode_change(encode_change(change));
    REQUIRE(bool(checked) == bool(decoded));
    if (checked) return std::nullopt;
    CHECK(decoded.error().code == checked.error().code);
    return checked.error().code;
}

Operation removal_of(std::uint32_t field, std::vector<Dot> dots) {
    return {field, OperationKind::remove, Form::open, {}, std::move(dots)};
}

Operation value_of(std::uint32_t field, OperationKind kind, Bytes value, Form form = Form::open) {
    return {field, kind, form, std::move(value), {}};
}

Change change_with(std::vector<Operation> operations) {
    Change change = change_of(1);
    change.operations = std::move(operations);
    return change;
}

Bytes nested_item(int depth) {
    Bytes item(static_cast<std::size_t>(depth), 0x81);
    item.push_back(0);
    return item;
}

}  // namespace

TEST_CASE("a change comes back as it went, byte for byte", "[change]") {
    const Change change = GENERATE(change_of(1), full_change(5), full_change(sequence_max));
    const Bytes body = encode_change(change);
    const auto again = decode_change(body);

    REQUIRE(again);
    CHECK(bool(*again == change));
    CHECK(encode_change(*again) == body);
    CHECK(check_change(change));
}

TEST_CASE("operations keep the order they were given", "[change]") {
    const Change change = change_with({value_of(30, OperationKind::set, text_item("b")),
                                       value_of(20, OperationKind::set, text_item("a"))});
    const auto again = decode_change(encode_change(change));
    REQUIRE(again);
    CHECK(again->operations[0].field == 30);
    CHECK(again->operations[1].field == 20);
}

TEST_CASE("kinds and forms of a newer version pass through byte for byte", "[change]") {
    Bytes value;
    cbor::Encoder(value).map(1).unsigned_integer(4).array(2).null().text("ඉ");
    const Change change =
        change_with({value_of(16, static_cast<OperationKind>(200), value),
                     value_of(17, OperationKind::set, value, static_cast<Form>(3)),
                     value_of(0, static_cast<OperationKind>(201), value)});
    const auto again = decode_change(encode_change(change));
    REQUIRE(again);
    CHECK(again->operations[0].value == value);
    CHECK(again->operations[1].value == value);
    CHECK(bool(*again == change));
}

TEST_CASE("a sequence, a time or a dot out of bounds is refused", "[change]") {
    struct Row {
        const char* name;
        std::function<void(Change&)> spoil;
        bool is_accepted;
    };
    const auto time = [](std::int64_t wall_ms) {
        return [wall_ms](Change& change) { change.time.wall_ms = wall_ms; };
    };
    const auto sequence = [](Sequence number) {
        return [number](Change& change) { change.sequence = number; };
    };
    const auto cites = [](Sequence number) {
        return [number](Change& change) { change.cites->dot.sequence = number; };
    };
    const std::vector<Row> rows{
        {"sequence 0", sequence(0), false},
        {"sequence 1", sequence(1), true},
        {"greatest sequence", sequence(sequence_max), true},
        {"sequence beyond", sequence(sequence_max + 1), false},
        {"1970", time(0), true},
        {"2099", time(4'070'908'800'000), true},
        {"least time", time(-wall_ms_max), true},
        {"time before", time(-wall_ms_max - 1), false},
        {"greatest time", time(wall_ms_max), true},
        {"time beyond", time(wall_ms_max + 1), false},
        {"least of 64 bits", time(INT64_MIN), false},
        {"citing number 1", cites(1), true},
        {"citing nothing", cites(0), false},
        {"citing beyond", cites(sequence_max + 1), false},
        {"seen beyond",
         [](Change& it) {
             it.context.add({bela_log, sequence_max + 1});
         },
         false},
        {"no role", [](Change& it) { it.role = static_cast<Role>(0); }, false},
        {"a role that is none", [](Change& it) { it.role = static_cast<Role>(5); }, false},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        Change change = full_change(7);
        row.spoil(change);
        const auto refused = refusal_of(change);
        CHECK(refused == (row.is_accepted ? std::nullopt : std::optional(ErrorCode::malformed)));
    }
}

TEST_CASE("a change has one operation at least and 1024 at most", "[change]") {
    CHECK(refusal_of(change_with({})) == ErrorCode::malformed);

    std::vector<Operation> operations;
    for (std::uint32_t field = 16; operations.size() < operations_max; ++field) {
        operations.push_back(value_of(field, OperationKind::set, text_item("x")));
    }
    CHECK(refusal_of(change_with(operations)) == std::nullopt);
    operations.push_back(value_of(2000, OperationKind::set, text_item("x")));
    CHECK(refusal_of(change_with(operations)) == ErrorCode::malformed);
}

TEST_CASE("on one field a change gains once and removes once", "[change]") {
    const auto kind = GENERATE(OperationKind::set, OperationKind::add, OperationKind::append,
                               OperationKind::increment, static_cast<OperationKind>(90));
    const Operation gain = value_of(16, kind, text_item("one"));
    const Operation other = value_of(16, OperationKind::add, text_item("two"));
    const Operation elsewhere = value_of(17, OperationKind::add, text_item("two"));
    const Operation removal = removal_of(16, {{bela_log, 1}});

    CHECK(refusal_of(change_with({gain, elsewhere, removal})) == std::nullopt);
    CHECK(refusal_of(change_with({removal, gain})) == std::nullopt);
    CHECK(refusal_of(change_with({removal, removal_of(17, {{bela_log, 1}})})) == std::nullopt);
    CHECK(refusal_of(change_with({gain, elsewhere, other})) == ErrorCode::malformed);
    CHECK(refusal_of(change_with({removal, gain, removal})) == ErrorCode::malformed);
}

TEST_CASE("a removal names dots, ascending, each once", "[change]") {
    const auto refusal = [](std::vector<Dot> dots) {
        return refusal_of(change_with({removal_of(16, std::move(dots))}));
    };
    CHECK(refusal({{asha_log, 1}}) == std::nullopt);
    CHECK(refusal({{asha_log, 1}, {asha_log, 2}, {bela_log, 1}}) == std::nullopt);

    CHECK(refusal({}) == ErrorCode::malformed);
    CHECK(refusal({{asha_log, 2}, {asha_log, 1}}) == ErrorCode::malformed);
    CHECK(refusal({{bela_log, 1}, {asha_log, 2}}) == ErrorCode::malformed);
    CHECK(refusal({{asha_log, 1}, {asha_log, 1}}) == ErrorCode::malformed);
    CHECK(refusal({{asha_log, 0}}) == ErrorCode::malformed);
    CHECK(refusal({{asha_log, sequence_max + 1}}) == ErrorCode::malformed);
}

TEST_CASE("an erasure stands alone and is of the record", "[change]") {
    const Operation erasure{0, OperationKind::erase, Form::open, {}, {}};
    CHECK(refusal_of(change_with({erasure})) == std::nullopt);

    Operation of_field = erasure;
    of_field.field = 16;
    CHECK(refusal_of(change_with({of_field})) == ErrorCode::malformed);
    Operation sealed = erasure;
    sealed.form = Form::sealed;
    CHECK(refusal_of(change_with({sealed})) == ErrorCode::malformed);
    const Operation beside = value_of(16, OperationKind::set, text_item("x"));
    CHECK(refusal_of(change_with({erasure, beside})) == ErrorCode::malformed);
    CHECK(refusal_of(change_with({beside, erasure})) == ErrorCode::malformed);
    CHECK(refusal_of(change_with({erasure, erasure})) == ErrorCode::malformed);
}

TEST_CASE("of field 0 no other known kind is said", "[change]") {
    const auto kind = GENERATE(OperationKind::set, OperationKind::add, OperationKind::append,
                               OperationKind::increment);
    CHECK(refusal_of(change_with({value_of(0, kind, text_item("x"))})) == ErrorCode::malformed);
    CHECK(refusal_of(change_with({value_of(1, kind, text_item("x"))})) == std::nullopt);
    CHECK(refusal_of(change_with({removal_of(0, {{asha_log, 1}})})) == ErrorCode::malformed);
}

TEST_CASE("a sealed value is a byte string and nothing else", "[change]") {
    Bytes sealed;
    cbor::Encoder(sealed).bytes(Bytes(72, 1));
    const auto kind = GENERATE(OperationKind::set, OperationKind::settle, OperationKind::append);
    CHECK(refusal_of(change_with({value_of(16, kind, sealed, Form::sealed)})) == std::nullopt);
    CHECK(refusal_of(change_with({value_of(16, kind, text_item("open"), Form::sealed)})) ==
          ErrorCode::malformed);

    Operation removal = removal_of(16, {{asha_log, 1}});
    removal.form = Form::sealed;
    CHECK(refusal_of(change_with({removal})) == ErrorCode::malformed);
}

TEST_CASE("what is settled for is an array of one value or more", "[change]") {
    const auto refusal = [](const Bytes& value) {
        return refusal_of(change_with({value_of(16, OperationKind::settle, value)}));
    };
    CHECK(refusal(nested_item(1)) == std::nullopt);
    CHECK(refusal(text_item("alone")) == ErrorCode::malformed);
    CHECK(refusal(Bytes{0x80}) == ErrorCode::malformed);
}

TEST_CASE("a value that could not be written is refused before it is", "[change]") {
    const auto refusal = [](Bytes value) {
        const auto checked =
            check_change(change_with({value_of(16, OperationKind::set, std::move(value))}));
        return checked ? std::nullopt : std::optional(checked.error().code);
    };
    CHECK(refusal(text_item("whole")) == std::nullopt);
    CHECK(refusal({}) == ErrorCode::malformed);
    CHECK(refusal({0x61}) == ErrorCode::malformed);
    CHECK(refusal({0x00, 0x00}) == ErrorCode::trailing_bytes);
    CHECK(refusal({0x18, 0x00}) == ErrorCode::not_deterministic);

    Change change = change_of(1);
    change.operations[0].removed.push_back({asha_log, 1});
    CHECK(check_change(change).error().code == ErrorCode::malformed);
    change = change_with({removal_of(16, {{asha_log, 1}})});
    change.operations[0].value = text_item("x");
    CHECK(check_change(change).error().code == ErrorCode::malformed);
}

TEST_CASE("depth counts from the body: thirteen levels are left to a value", "[change]") {
    const auto refusal = [](int depth) {
        return refusal_of(change_with({value_of(16, OperationKind::set, nested_item(depth))}));
    };
    CHECK(refusal(13) == std::nullopt);
    CHECK(refusal(14) == ErrorCode::too_deep);
}

TEST_CASE("a body is no larger than 512 KiB", "[change]") {
    const auto of_size = [](std::size_t length) {
        Bytes value;
        cbor::Encoder(value).bytes(Bytes(length, 7));
        return change_with({value_of(16, OperationKind::set, value)});
    };
    const std::size_t around = encode_change(of_size(100'000)).size() - 100'000;
    const std::size_t fitting = change_bytes_max - around;
    REQUIRE(encode_change(of_size(fitting)).size() == change_bytes_max);
    CHECK(refusal_of(of_size(fitting)) == std::nullopt);
    CHECK(refusal_of(of_size(fitting + 1)) == ErrorCode::too_large);
}

TEST_CASE("a body of another layout is refused", "[change]") {
    const Bytes body = encode_change(change_of(1));
    REQUIRE(decode_change(body));

    Bytes longer = body;
    longer.push_back(0xf6);
    CHECK(decode_change(longer).error().code == ErrorCode::trailing_bytes);
    Bytes more_items = longer;
    more_items[0] = 0x8c;
    CHECK(decode_change(more_items).error().code == ErrorCode::malformed);
    CHECK(decode_change({}).error().code == ErrorCode::malformed);
    CHECK(decode_change(Bytes{0xa0}).error().code == ErrorCode::malformed);
    for (std::size_t length = 0; length < body.size(); ++length) {
        CHECK_FALSE(decode_change(ByteView(body).first(length)));
    }
}

TEST_CASE("a number wider than its place is refused", "[change]") {
    // [field, kind, form, value] of the only operation, as written by another hand.
    const auto refusal = [](std::uint64_t field, std::uint64_t kind, std::uint64_t form) {
        Bytes operation;
        cbor::Encoder(operation)
            .array(4)
            .unsigned_integer(field)
            .unsigned_integer(kind)
            .unsigned_integer(form)
            .null();
        Bytes body = encode_change(change_with({value_of(16, OperationKind::set, {0xf6})}));
        const Bytes plain{0x84, 0x10, 0x01, 0x00, 0xf6};
        const auto at = std::search(body.begin(), body.end(), plain.begin(), plain.end());
        REQUIRE(at != body.end());
        const auto rest = body.erase(at, at + static_cast<std::ptrdiff_t>(plain.size()));
        body.insert(rest, operation.begin(), operation.end());
        const auto decoded = decode_change(body);
        return decoded ? std::nullopt : std::optional(decoded.error().code);
    };
    CHECK(refusal(16, 1, 0) == std::nullopt);
    CHECK(refusal(UINT32_MAX, 255, 255) == std::nullopt);
    CHECK(refusal(std::uint64_t{UINT32_MAX} + 1, 1, 0) == ErrorCode::malformed);
    CHECK(refusal(16, 257, 0) == ErrorCode::malformed);
    CHECK(refusal(16, 1, 256) == ErrorCode::malformed);
}

TEST_CASE("an author has seen all of its own log before the change", "[change]") {
    Change change = change_of(5);
    change.context.add({bela_log, 2});
    const Context seen = seen_by(change, asha_log);
    CHECK(seen.through(asha_log) == 4);
    CHECK(seen.through(bela_log) == 2);

    CHECK(seen_by(change_of(1), asha_log).is_empty());
}

TEST_CASE("a change that cites another speaks for that one's author only", "[change]") {
    Change change = full_change(5);
    REQUIRE(change.cites);
    CHECK(seen_by(change, asha_log) == change.context);
}

TEST_CASE("a change issued again says what its author had seen and cites the original",
          "[change]") {
    Change original = change_of(5);
    original.context.add({bela_log, 2});
    const Digest digest = sha256({encode_change(original)});

    Change again = reissue(original, asha_log, 3, digest);

    CHECK(again.context.through(asha_log) == 3);  // What others hold of the first log.
    CHECK(again.context.through(bela_log) == 2);
    REQUIRE(again.cites);
    CHECK(bool(*again.cites == Citation{{asha_log, 5}, digest}));
    CHECK(bool(again.operations == original.operations));
    CHECK(again.salt == original.salt);
    CHECK((again.time == original.time));

    CHECK(reissue(original, asha_log, 9, digest).context.through(asha_log) == 4);
    CHECK(reissue(original, asha_log, 0, digest).context.through(asha_log) == 0);

    again.sequence = 1;
    const Change third = reissue(again, caro_log, 1, sha256({encode_change(again)}));
    CHECK(third.context == again.context);
    CHECK(bool(third.cites == again.cites));  // Where the words stood first.
}
