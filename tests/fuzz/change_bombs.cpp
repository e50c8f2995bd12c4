#include "shared/change/segment.h"
#include "shared/merge/record_state.h"
#include "tests/fuzz/bomb.h"
#include "tests/fuzz/bomb_bytes.h"

namespace godwit {

using namespace bomb;

namespace {

bool is_no_change(ByteView bytes) {
    return !decode_change(bytes);
}

bool is_no_segment(ByteView bytes) {
    return !decode_segment(bytes);
}

bool is_no_state(ByteView bytes) {
    return !decode_state(bytes);
}

const Bytes one_set{0x84, 0x11, 0x01, 0x00, 0x00};

Bytes change(const Bytes& context, const Bytes& operations, const Bytes& cites = {0xf6}) {
    return joined({{0x8b, 0x01, 0x82, 0x00, 0x00, 0x01, 0x01, 0x02},
                   string_of(16),
                   string_of(16),
                   context,
                   operations,
                   string_of(16),
                   cites});
}

Bytes contexts(std::uint32_t count, std::uint64_t last) {
    Bytes out = head(array_major, count * 2);
    for (std::uint32_t index = 0; index < count; ++index) {
        append(out, joined({numbered(index), head(unsigned_major, index + 1 == count ? last : 1)}));
    }
    return out;
}

Bytes removal(std::uint32_t count, bool ascends) {
    Bytes dots = head(array_major, count);
    for (std::uint32_t index = 0; index < count; ++index) {
        const bool is_last = index + 1 == count;
        append(dots, joined({{0x82}, numbered(is_last && !ascends ? 0 : index), {0x01}}));
    }
    return joined({{0x81, 0x84, 0x11, 0x03, 0x00}, dots});
}

void add_changes(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"change", std::move(what), std::move(bytes), is_no_change});
    };
    const Bytes no_context{0x80};
    const Bytes one = joined({{0x81}, one_set});
    for (const std::uint32_t count : {1'000U, 10'000U, 27'000U}) {
        const std::string many = std::to_string(count);
        add("a context of " + many + " logs, the last at 0", change(contexts(count, 0), one));
        add("a context of " + many + " logs, then another role", [&] {
            auto body = change(contexts(count, 1), one);
            body[5] = 9;
            return body;
        }());
        add("a removal of " + many + " dots, the last out of order",
            change(no_context, removal(std::min(count, 25'000U), false)));
    }
    for (const std::uint32_t count : {1'025U, 20'000U, 100'000U}) {
        const std::string many = std::to_string(count);
        add(many + " operations",
            change(no_context, joined({head(array_major, count), repeated(one_set, count)})));
    }
    add("1,024 operations on one field",
        change(no_context, joined({head(array_major, 1'024), repeated(one_set, 1'024)})));
    Bytes removals = head(array_major, 1'024);
    for (int each = 0; each < 1'024; ++each) append(removals, Bytes{0x84, 0x11, 0x03, 0x00, 0x80});
    add("1,024 removals of nothing", change(no_context, removals));
    add("an operation of 500,000 numbers, then none",
        change(no_context, joined({{0x81, 0x84, 0x11, 0x01, 0x00},
                                   head(array_major, 100'000),
                                   Bytes(99'999, 0x00),
                                   {0xff}})));
    add("a value 17 levels deep",
        change(no_context, joined({{0x81, 0x84, 0x11, 0x01, 0x00}, repeated({0x81}, 17), {0x00}})));
    add("more than a change may have",
        change(no_context, joined({{0x81, 0x84, 0x11, 0x01, 0x00}, string_of(change_bytes_max)})));
    add("a citation of 4 GiB",
        change(no_context, one, joined({{0x83}, head(bytes_major, 1ULL << 32U)})));
    add("operations without end", change(no_context, joined({{0x9f}, repeated(one_set, 10'000)})));
}

Bytes segment(const Bytes& entries, std::uint8_t first = 1) {
    return joined({{0x87, 0x01},
                   string_of(16),
                   string_of(16),
                   {first},
                   string_of(32),
                   entries,
                   string_of(64)});
}

void add_segments(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"segment", std::move(what), std::move(bytes), is_no_segment});
    };
    for (const std::uint32_t count : {16'385U, 100'000U, 500'000U}) {
        const std::string many = std::to_string(count);
        add(many + " bodies of one byte",
            segment(joined({head(array_major, count), repeated({0x41, 0x00}, count)})));
        add(many + " empty bodies",
            segment(joined({head(array_major, count), Bytes(count, 0x40)})));
        add(many + " arrays for bodies",
            segment(joined({head(array_major, count), Bytes(count, 0x80)})));
    }
    add("15,000 bodies of one byte, the last empty",
        segment(joined({head(array_major, 15'000), repeated({0x41, 0x00}, 14'999), {0x40}})));
    add("15,000 entries erased, the last half",
        segment(joined({head(array_major, 15'000),
                        repeated(joined({{0x82}, string_of(16), string_of(32)}), 14'999),
                        {0x82}})));
    add("entries without end", segment(joined({{0x9f}, repeated({0x41, 0x00}, 10'000)})));
    add("a body of 4 GiB", segment(joined({{0x81}, head(bytes_major, 1ULL << 32U)})));
    add("2^53 entries", segment(joined({head(array_major, 1ULL << 53U), Bytes(100, 0x40)})));
    add("more than a segment may have", segment(joined({{0x81}, string_of(segment_bytes_max)})));
}

/// The parts of a state, each whole; nothing in those that are not given.
struct State {
    Bytes logs{0x80};
    Bytes changes{0x80};
    Bytes fields{0x80};
    Bytes apart{0x80};
    Bytes siblings{0x80, 0x80, 0x80, 0x80};  ///< said, kinds, forms, values.
    std::uint8_t is_erased{0xf4};

    [[nodiscard]] Bytes bytes() const {
        return joined(
            {{0x8b, 0x02}, string_of(16), {is_erased}, logs, changes, fields, apart, siblings});
    }
};

const Bytes one_change{0x88, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00};
const Bytes one_field{0x81, 0x10};

Bytes log_rows(std::uint32_t count, bool has_authors) {
    Bytes out = head(array_major, count);
    for (std::uint32_t index = 0; index < count; ++index) {
        append(out, joined({{0x82}, numbered(index), has_authors ? string_of(16) : Bytes{0xf6}}));
    }
    return out;
}

Bytes many_changes(std::uint32_t count) {
    Bytes out = head(array_major, count * 8);
    for (std::uint32_t index = 0; index < count; ++index) {
        append(out, joined({{0x00}, head(unsigned_major, index + 1), {1, 0, 0, 0, 0, 0}}));
    }
    return out;
}

void add_states(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"state", std::move(what), std::move(bytes), is_no_state});
    };
    for (const std::uint32_t count : {100U, 3'000U, 8'000U}) {
        const std::string many = std::to_string(count);
        const Bytes logs = log_rows(count, false);
        add(many + " logs that nothing names", State{.logs = logs}.bytes());
        add(many + " logs, the first seen again and again",
            State{.logs = logs,
                  .fields = one_field,
                  .apart = joined({{0x84, 0x00},
                                   head(array_major, count * 2),
                                   repeated({0x00, 0x01}, count),
                                   {0x80, 0x00}})}
                .bytes());
        Bytes seen = head(array_major, count * 2);
        for (std::uint32_t index = 0; index < count; ++index) {
            append(seen, joined({head(unsigned_major, index), {0x01}}));
        }
        add(many + " logs seen, and one early too",
            State{.logs = logs,
                  .fields = one_field,
                  .apart = joined({{0x84, 0x00}, seen, {0x82, 0x00, 0x01, 0x00}})}
                .bytes());
        const Bytes zeros = joined({head(array_major, count), Bytes(count, 0x00)});
        add(many + " siblings of one dot",
            State{.logs = log_rows(1, true),
                  .changes = one_change,
                  .fields = one_field,
                  .apart =
                      joined({{0x84, 0x00, 0x82, 0x00, 0x01, 0x80}, head(unsigned_major, count)}),
                  .siblings = joined({zeros, zeros, zeros, zeros})}
                .bytes());
        add(many + " siblings without their values",
            State{.logs = log_rows(1, true),
                  .changes = one_change,
                  .fields = one_field,
                  .siblings = joined({zeros, zeros, zeros, {0x80}})}
                .bytes());
        add(many + " changes that no sibling names",
            State{.logs = log_rows(1, true), .changes = many_changes(count)}.bytes());
        add(many + " fields of one number",
            State{.fields = joined({head(array_major, count), Bytes(count, 0x10)})}.bytes());
        Bytes fields = head(array_major, count);
        for (std::uint32_t index = 0; index < count; ++index) {
            append(fields, head(unsigned_major, index));
        }
        add(many + " fields without siblings", State{.fields = fields}.bytes());
    }
    add("2^32 fields", State{.fields = head(array_major, 1ULL << 32U)}.bytes());
    add("2^60 logs", State{.logs = head(array_major, 1ULL << 60U)}.bytes());
    add("2^60 siblings", State{.siblings = head(array_major, 1ULL << 60U)}.bytes());
    add("a field of 2^60 siblings",
        State{.fields = one_field,
              .apart = joined({{0x84, 0x00, 0x80, 0x80}, head(unsigned_major, 1ULL << 60U)})}
            .bytes());
    add("an erased record of 20,000 fields",
        State{.fields = joined({head(array_major, 20'000), Bytes(20'000, 0x00)}), .is_erased = 0xf5}
            .bytes());
}

}  // namespace

std::vector<Bomb> change_bombs() {
    std::vector<Bomb> out;
    add_changes(out);
    add_segments(out);
    add_states(out);
    return out;
}

}  // namespace godwit
