#include "tests/support/catch.h"
#include "tests/unit/merge/people.h"

namespace godwit::test {

namespace {

/// The bytes of a state, written out by hand so that each part can be bent: field 16, which two
/// siblings hold, and field 20 with one that is all it saw.
struct WrittenState {
    Bytes type = integer(2);
    Bytes team = id_item('t');
    Bytes is_erased = boolean(false);
    std::vector<Bytes> logs{array({id_item('a'), id_item('a')}),
                            array({id_item('b'), null_item()})};
    std::vector<Bytes> first{integer(0),     integer(2), integer(1),   integer(1),
                             integer(1'000), integer(7), integer(-20), integer(9)};
    std::vector<Bytes> second{integer(0),  integer(3), integer(2), integer(0),
                              integer(50), integer(0), integer(0), integer(0)};
    std::vector<Bytes> fields{integer(16), integer(20)};
    Bytes apart_index = integer(0);
    std::vector<Bytes> seen{integer(0), integer(3), integer(1), integer(1)};
    std::vector<Bytes> early{integer(1), integer(5)};
    Bytes count = integer(2);
    std::vector<Bytes> said{integer(0), integer(1), integer(1)};
    std::vector<Bytes> kinds{integer(2), integer(2), integer(1)};
    std::vector<Bytes> forms{integer(0), integer(1), integer(0)};
    std::vector<Bytes> values{text("said"), text("then"), text("once")};

    static Bytes id_item(char letter) {
        Bytes out;
        cbor::Encoder(out).id(person(letter).log);
        return out;
    }

    static Bytes null_item() {
        Bytes out;
        cbor::Encoder(out).null();
        return out;
    }

    [[nodiscard]] static Bytes list(const std::vector<Bytes>& items) {
        Bytes out;
        cbor::Encoder encoder(out);
        encoder.array(items.size());
        for (const Bytes& each : items) encoder.raw(each);
        return out;
    }

    [[nodiscard]] std::vector<Bytes> changes() const {
        std::vector<Bytes> both = first;
        both.insert(both.end(), second.begin(), second.end());
        return both;
    }

    [[nodiscard]] std::vector<Bytes> apart() const {
        return {apart_index, list(seen), list(early), count};
    }

    [[nodiscard]] Bytes bytes() const {
        return list({type, team, is_erased, list(logs), list(changes()), list(fields),
                     list(apart()), list(said), list(kinds), list(forms), list(values)});
    }
};

Result<RecordState> decoded(const WrittenState& written) {
    return decode_state(written.bytes());
}

ErrorCode refusal(const WrittenState& written) {
    const auto outcome = decoded(written);
    REQUIRE_FALSE(outcome);
    return outcome.error().code;
}

}  // namespace

TEST_CASE("a state is read as it was written", "[merge]") {
    const WrittenState written;
    const auto state = decoded(written);

    REQUIRE(state);
    CHECK(encode_state(*state) == written.bytes());
    CHECK(state->type == 2);
    CHECK_FALSE(state->is_erased);
    REQUIRE(state->fields.size() == 2);
    const FieldState& field = state->fields.at(16);
    CHECK(field.seen == seen({{asha.log, 3}, {bela.log, 1}}));
    CHECK(field.seen_early == std::vector<Dot>{{bela.log, 5}});
    REQUIRE(field.siblings.size() == 2);
    const Sibling& sibling = field.siblings.front();
    CHECK(sibling.dot == Dot{asha.log, 2});
    CHECK(sibling.author == asha.replica);
    CHECK(sibling.role == Role::worker);
    CHECK(sibling.kind == OperationKind::add);
    CHECK(sibling.form == Form::open);
    CHECK(sibling.mark == Mark::after_retirement);
    CHECK(sibling.claimed == HybridTime{1'000, 7});
    CHECK(sibling.effective == HybridTime{980, 9});
    CHECK(sibling.value == text("said"));
    CHECK(field.siblings.back().claimed == HybridTime{1'050, 0});
    CHECK(field.siblings.back().form == Form::sealed);
}

TEST_CASE("a field of one sibling that is all it saw says so without a word", "[merge]") {
    const auto state = decoded(WrittenState());

    REQUIRE(state);
    const FieldState& field = state->fields.at(20);
    CHECK(field.seen == seen({{asha.log, 3}}));
    CHECK(field.seen_early.empty());
    REQUIRE(field.siblings.size() == 1);
    CHECK(field.siblings.front().dot == Dot{asha.log, 3});
    CHECK(field.siblings.front().role == Role::supervisor);
    CHECK(field.siblings.front().value == text("once"));
}

TEST_CASE("an empty and an erased state are read as they were written", "[merge]") {
    RecordState state;
    state.is_erased = GENERATE(true, false);
    const auto read = decode_state(encode_state(state));

    REQUIRE(read);
    CHECK(*read == state);
}

TEST_CASE("times as far apart as integers go survive the way through bytes", "[merge]") {
    RecordState state = state_after({said(asha, 1, {set(text("one"))})});
    Sibling& sibling = state.fields.at(any_field).siblings.front();
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::tie(sibling.claimed.wall_ms, sibling.effective.wall_ms) =
        GENERATE_COPY(table<std::int64_t, std::int64_t>(
            {{least, most}, {most, least}, {0, least}, {most, most}}));
    const auto read = decode_state(encode_state(state));

    REQUIRE(read);
    CHECK(*read == state);
}

TEST_CASE("several dots seen early stand in their order", "[merge]") {
    WrittenState written;
    written.early = {integer(0), integer(9), integer(1), integer(5), integer(1), integer(6)};
    const auto state = decoded(written);

    REQUIRE(state);
    CHECK(state->fields.at(16).seen_early ==
          std::vector<Dot>{{asha.log, 9}, {bela.log, 5}, {bela.log, 6}});
    CHECK(encode_state(*state) == written.bytes());
}

TEST_CASE("kinds, forms and marks of a newer version pass through unchanged", "[merge]") {
    WrittenState written;
    written.kinds[0] = integer(99);
    written.forms[0] = integer(255);
    written.first[3] = integer(128);
    const auto state = decoded(written);

    REQUIRE(state);
    CHECK(encode_state(*state) == written.bytes());
}

TEST_CASE("a log to which two siblings give different authors is still read and written",
          "[merge]") {
    RecordState left = state_after({said(asha, 1, {add(text("one"))})});
    Said other = said(asha, 2, {add(text("two"))});
    other.acceptance.author = bela.replica;
    const RecordState right = state_after({other});
    const RecordState both = merge(left, right);
    const auto read = decode_state(encode_state(both));

    REQUIRE(read);
    CHECK(*read == both);
}

TEST_CASE("a state cut short anywhere, or with a byte too many, is refused", "[merge]") {
    const Bytes whole = WrittenState().bytes();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(decode_state(ByteView(whole).first(length)));
    }
    Bytes longer = whole;
    longer.push_back(0);
    REQUIRE(decode_state(whole));
    CHECK(decode_state(longer).error().code == ErrorCode::trailing_bytes);
}

TEST_CASE("a state whose parts are of another kind is refused", "[merge]") {
    const Bytes wrong = GENERATE(text("x"), Bytes{0xf7});
    WrittenState written;
    Bytes WrittenState::*const part =
        GENERATE(&WrittenState::type, &WrittenState::team, &WrittenState::is_erased,
                 &WrittenState::apart_index, &WrittenState::count);
    written.*part = wrong;
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a state whose lists hold items of another kind is refused", "[merge]") {
    WrittenState written;
    SECTION("a row of the table") {
        written.logs[0] = text("x");
    }
    SECTION("a row of one item") {
        written.logs[0] = array({written.id_item('a')});
    }
    SECTION("a log that is no id") {
        written.logs[0] = array({text("x"), written.id_item('a')});
    }
    SECTION("a replica that is no id") {
        written.logs[0] = array({written.id_item('a'), text("x")});
    }
    SECTION("an index") {
        written.seen[0] = text("x");
    }
    SECTION("a sequence") {
        written.seen[1] = text("x");
    }
    SECTION("an early index") {
        written.early[0] = text("x");
    }
    SECTION("an early sequence") {
        written.early[1] = text("x");
    }
    SECTION("a field") {
        written.fields[0] = text("x");
    }
    SECTION("a change of seven items") {
        written.second.pop_back();
    }
    SECTION("what was said") {
        written.said[0] = text("x");
    }
    SECTION("a kind") {
        written.kinds[0] = text("x");
    }
    SECTION("a form") {
        written.forms[0] = text("x");
    }
    SECTION("a value of no kind") {
        written.values[0] = Bytes{0xf7};
    }
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a change with an item of another kind is refused", "[merge]") {
    WrittenState written;
    const auto item = GENERATE(range(std::size_t{0}, std::size_t{8}));
    written.first[item] = text("x");
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a change with a number out of its range is refused", "[merge]") {
    WrittenState written;
    const auto [item, number] = GENERATE(table<std::size_t, std::int64_t>({
        {0, 2},  // A row that is not there.
        {0, 1},  // A row without an author.
        {1, 0},  // Sequences count from 1.
        {1, (std::int64_t{1} << 53) + 1},
        {2, 0},
        {2, 5},
        {2, 256},
        {3, 256},
        {5, std::int64_t{1} << 32},
        {7, std::int64_t{1} << 32},
    }));
    written.first[item] = integer(number);
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a sibling with a number out of its range is refused", "[merge]") {
    WrittenState written;
    SECTION("of a change that is not there") {
        written.said[0] = integer(2);
    }
    SECTION("a removal or an erasure") {
        written.kinds[0] = integer(GENERATE(3, 6));
    }
    SECTION("a kind of more than eight bits") {
        written.kinds[0] = integer(256);
    }
    SECTION("a form of more than eight bits") {
        written.forms[0] = integer(256);
    }
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a state that no merge yields is refused", "[merge]") {
    WrittenState written;
    SECTION("an erased record with fields") {
        written.is_erased = boolean(true);
    }
    SECTION("half a pair in what was seen") {
        written.seen.pop_back();
    }
    SECTION("half a pair in what was seen early") {
        written.early.pop_back();
    }
    SECTION("seen and seen early") {
        written.early[1] = integer(1);
    }
    SECTION("a sequence of zero") {
        written.seen[1] = integer(0);
    }
    SECTION("a field number of more than 32 bits") {
        written.fields[1] = integer(std::int64_t{1} << 32);
    }
    SECTION("a sibling its field has not seen") {
        written.seen[1] = integer(2);
    }
    SECTION("a field apart that is not there") {
        written.apart_index = integer(2);
    }
    SECTION("fewer siblings than its field counts") {
        written.fields.pop_back();
        for (auto* column : {&written.said, &written.kinds, &written.forms, &written.values}) {
            column->pop_back();
        }
        written.count =
            integer(GENERATE(as<std::int64_t>(), 3, std::numeric_limits<std::int64_t>::max()));
    }
    SECTION("more siblings than its fields have") {
        written.count = integer(1);
    }
    SECTION("fewer kinds than siblings") {
        written.kinds.pop_back();
    }
    SECTION("more forms than siblings") {
        written.forms.push_back(integer(0));
    }
    SECTION("fewer values than siblings") {
        written.values.pop_back();
    }
    SECTION("a change that no sibling names") {
        written.said = {integer(1), integer(1), integer(1)};
    }
    SECTION("a type of more than 32 bits") {
        written.type = integer(std::int64_t{1} << 32);
    }
    SECTION("a log that no field names") {
        written.logs.push_back(array({written.id_item('c'), written.null_item()}));
    }
    SECTION("an author of no sibling") {
        written.logs[1] = array({written.id_item('b'), written.id_item('b')});
    }
    CHECK(refusal(written) == ErrorCode::malformed);
}

TEST_CASE("a state in another order than its own is refused", "[merge]") {
    WrittenState written;
    SECTION("the table") {
        std::swap(written.logs[0], written.logs[1]);
    }
    SECTION("a row twice") {
        written.logs[1] = written.logs[0];
    }
    SECTION("a log with and without author") {
        written.logs[1] = array({written.id_item('a'), written.id_item('b')});
        written.logs[0] = array({written.id_item('a'), written.null_item()});
    }
    SECTION("a log named by its second row") {
        written.logs[1] = array({written.id_item('a'), written.id_item('b')});
    }
    SECTION("what was seen") {
        std::swap(written.seen[0], written.seen[2]);
    }
    SECTION("a log seen twice") {
        written.seen[2] = integer(0);
    }
    SECTION("what was seen early") {
        written.early = {integer(1), integer(6), integer(1), integer(5)};
    }
    SECTION("a dot seen early twice") {
        written.early = {integer(1), integer(5), integer(1), integer(5)};
    }
    SECTION("changes") {
        std::swap(written.first, written.second);
    }
    SECTION("a change twice") {
        written.second = written.first;
        written.second[4] = integer(0);
    }
    SECTION("fields") {
        std::swap(written.fields[0], written.fields[1]);
    }
    SECTION("a field twice") {
        written.fields[1] = written.fields[0];
    }
    SECTION("siblings") {
        std::swap(written.said[0], written.said[1]);
    }
    SECTION("a sibling twice") {
        written.said = {integer(0), integer(0), integer(1)};
    }
    CHECK(refusal(written) == ErrorCode::not_deterministic);
}

TEST_CASE("a field stands apart once, and only if it is not plain", "[merge]") {
    const WrittenState written;
    const auto with = [&](const std::vector<Bytes>& apart) {
        return decode_state(WrittenState::list(
            {written.type, written.team, written.is_erased, WrittenState::list(written.logs),
             WrittenState::list(written.changes()), WrittenState::list(written.fields),
             WrittenState::list(apart), WrittenState::list(written.said),
             WrittenState::list(written.kinds), WrittenState::list(written.forms),
             WrittenState::list(written.values)}));
    };
    const auto joined = [](std::vector<Bytes> one, const std::vector<Bytes>& other) {
        one.insert(one.end(), other.begin(), other.end());
        return one;
    };
    const Bytes none = WrittenState::list({});
    const std::vector<Bytes> saw_more{integer(1), WrittenState::list({integer(0), integer(4)}),
                                      none, integer(1)};
    const std::vector<Bytes> plain{integer(1), WrittenState::list({integer(0), integer(3)}), none,
                                   integer(1)};

    CHECK(with(written.apart()));
    CHECK(with(joined(written.apart(), saw_more)));
    CHECK(with(joined(written.apart(), plain)).error().code == ErrorCode::not_deterministic);
    CHECK(with(joined(saw_more, written.apart())).error().code == ErrorCode::not_deterministic);
    CHECK(with(joined(written.apart(), written.apart())).error().code ==
          ErrorCode::not_deterministic);
    CHECK(with({integer(0)}).error().code == ErrorCode::malformed);
    CHECK(with({}).error().code == ErrorCode::malformed);
}

}  // namespace godwit::test
