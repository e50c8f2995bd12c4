#include "shared/change/dot.h"

#include "tests/support/catch.h"
#include "tests/unit/change/samples.h"

using namespace godwit;
using namespace godwit::samples;

namespace {

Context context_of(std::initializer_list<Dot> dots) {
    Context context;
    for (const Dot& dot : dots) context.add(dot);
    return context;
}

Bytes encoded(const Context& context) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    encode(out, context);
    return bytes;
}

Result<Context> decoded(ByteView bytes) {
    cbor::Decoder in(bytes);
    Context context = TRY(decode_context(in));
    TRY(in.finish());
    return context;
}

}  // namespace

TEST_CASE("a context covers each log through a sequence and not beyond", "[change]") {
    const Context context = context_of({{asha_log, 3}, {bela_log, 1}});

    CHECK(context.through(asha_log) == 3);
    CHECK(context.covers(Dot{asha_log, 1}));
    CHECK(context.covers(Dot{asha_log, 3}));
    CHECK_FALSE(context.covers(Dot{asha_log, 4}));
    CHECK(context.through(caro_log) == 0);
    CHECK_FALSE(context.covers(Dot{caro_log, 1}));
}

TEST_CASE("adding raises an entry and never lowers it", "[change]") {
    Context context = context_of({{asha_log, 3}});
    context.add({asha_log, 2});
    CHECK(context.through(asha_log) == 3);
    context.add({asha_log, 5});
    CHECK(context.through(asha_log) == 5);
    context.add({bela_log, 0});
    CHECK(context.entries().size() == 1);
}

TEST_CASE("entries stand by log, each once, in whatever order they came", "[change]") {
    const Context forwards = context_of({{asha_log, 1}, {bela_log, 2}, {caro_log, 3}});
    const Context backwards =
        context_of({{caro_log, 3}, {bela_log, 1}, {asha_log, 1}, {bela_log, 2}});
    CHECK(forwards == backwards);
    CHECK(encoded(forwards) == encoded(backwards));
    REQUIRE(forwards.entries().size() == 3);
    CHECK(forwards.entries()[0].log < forwards.entries()[1].log);
    CHECK(forwards.entries()[1].log < forwards.entries()[2].log);
}

TEST_CASE("one context covers another when it does so log for log", "[change]") {
    const Context both = context_of({{asha_log, 3}, {bela_log, 1}});
    CHECK(both.covers(Context{}));
    CHECK(both.covers(both));
    CHECK(both.covers(context_of({{bela_log, 1}})));
    CHECK_FALSE(both.covers(context_of({{bela_log, 2}})));
    CHECK_FALSE(both.covers(context_of({{asha_log, 1}, {caro_log, 1}})));
    CHECK_FALSE(Context{}.covers(both));
}

TEST_CASE("joining takes the further of each log", "[change]") {
    Context left = context_of({{asha_log, 3}, {bela_log, 1}});
    Context right = context_of({{bela_log, 4}, {caro_log, 2}});
    const Context expected = context_of({{asha_log, 3}, {bela_log, 4}, {caro_log, 2}});
    Context other_way = right;
    other_way.join(left);
    left.join(right);

    CHECK(left == expected);
    CHECK(other_way == expected);
    left.join(expected);
    CHECK(left == expected);
}

TEST_CASE("capping lowers an entry, removes it at zero, and never raises it", "[change]") {
    Context context = context_of({{asha_log, 5}, {bela_log, 1}});
    context.cap(asha_log, 9);
    CHECK(context.through(asha_log) == 5);
    context.cap(asha_log, 2);
    CHECK(context.through(asha_log) == 2);
    context.cap(asha_log, 0);
    context.cap(caro_log, 0);
    CHECK(context == context_of({{bela_log, 1}}));
    context.remove(bela_log);
    CHECK(context.is_empty());
}

TEST_CASE("a context comes back as it went", "[change]") {
    const Context context = context_of({{caro_log, 1}, {asha_log, sequence_max}});
    const auto again = decoded(encoded(context));
    REQUIRE(again);
    CHECK(*again == context);
    CHECK(*decoded(encoded(Context{})) == Context{});
}

TEST_CASE("a context that could be written otherwise is refused", "[change]") {
    struct Row {
        const char* name;
        ErrorCode code;
        std::vector<Dot> entries;
        bool is_halved;
    };
    const Row row = GENERATE(values<Row>({
        {"logs fall", ErrorCode::not_deterministic, {{bela_log, 1}, {asha_log, 1}}, false},
        {"a log twice", ErrorCode::not_deterministic, {{asha_log, 1}, {asha_log, 2}}, false},
        {"through nothing", ErrorCode::malformed, {{asha_log, 0}}, false},
        {"beyond bounds", ErrorCode::malformed, {{asha_log, sequence_max + 1}}, false},
        {"half an entry", ErrorCode::malformed, {{asha_log, 1}}, true},
    }));
    INFO(row.name);
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(row.entries.size() * 2 + (row.is_halved ? 1 : 0));
    for (const Dot& dot : row.entries) out.id(dot.log).unsigned_integer(dot.sequence);
    if (row.is_halved) out.id(caro_log);

    const auto refused = decoded(bytes);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
}

TEST_CASE("a dot comes back as it went; one without a place in its log is refused", "[change]") {
    const Sequence sequence = GENERATE(Sequence{0}, Sequence{1}, sequence_max, sequence_max + 1);
    Bytes bytes;
    cbor::Encoder out(bytes);
    encode(out, Dot{asha_log, sequence});
    cbor::Decoder in(bytes);
    const auto dot = decode_dot(in);

    if (sequence >= 1 && sequence <= sequence_max) {
        REQUIRE(dot);
        CHECK((*dot == Dot{asha_log, sequence}));
    } else {
        REQUIRE_FALSE(dot);
        CHECK(dot.error().code == ErrorCode::malformed);
    }
}
