#include "shared/compression/zstd_frame.h"
#include "shared/protocol/messages.h"
#include "shared/protocol/packed_segment.h"
#include "tests/fuzz/bomb.h"
#include "tests/fuzz/bomb_bytes.h"

namespace godwit {

using namespace bomb;

namespace {

bool is_no_request(ByteView bytes) {
    return !decode_request(bytes);
}

bool is_no_answer(ByteView bytes) {
    return !decode_answer(bytes);
}

Bytes message(std::uint8_t key, const Bytes& value) {
    return joined({{0xa2, 0x01, 0x01}, head(unsigned_major, key), value});
}

/// A list of `count` items, the last of them none.
Bytes spoilt(std::uint32_t count, const Bytes& item) {
    return joined({head(array_major, count), repeated(item, count - 1), {0xff}});
}

Bytes cursors(std::uint32_t count) {
    Bytes out = head(array_major, count * 2);
    for (std::uint32_t index = 0; index < count; ++index) {
        append(out, joined({numbered(index), index + 1 == count ? Bytes{0xff} : Bytes{0x01}}));
    }
    return out;
}

void add_requests(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"request", std::move(what), std::move(bytes), is_no_request});
    };
    for (const int key : {9, 10, 11, 12, 13}) {
        const auto number = static_cast<std::uint8_t>(key);
        const std::string list = "list " + std::to_string(key);
        add(list + " of 65,537",
            message(number, joined({head(array_major, 65'537), Bytes(65'537, 0x40)})));
        add(list + " of 65,536 empty ones and none", message(number, spoilt(65'536, {0x40})));
        add(list + " of 2^40",
            message(number, joined({head(array_major, 1ULL << 40U), Bytes(90, 0x40)})));
        add(list + " with one of 4 GiB",
            message(number, joined({{0x81}, head(bytes_major, 1ULL << 32U)})));
    }
    add("65,536 ids that are none",
        message(14, joined({head(array_major, 65'536), Bytes(65'536, 0x40)})));
    add("20,000 ids and none", message(14, spoilt(20'000, string_of(16))));
    const Bytes former = joined({{0x83}, string_of(16), {0x01}, string_of(32)});
    add("65 former logs", message(20, joined({head(array_major, 65), repeated(former, 65)})));
    add("64 former logs, the last of them none", message(20, spoilt(64, former)));
    add("2^40 former logs",
        message(20, joined({head(array_major, 1ULL << 40U), repeated(former, 65)})));
    for (const int key : {6, 18}) {
        for (const std::uint32_t count : {1'000U, 8'000U}) {
            add(std::to_string(count) + " cursors, the last without its place",
                message(static_cast<std::uint8_t>(key), cursors(count)));
        }
        add("65,538 items for cursors",
            message(static_cast<std::uint8_t>(key),
                    joined({head(array_major, 65'538), Bytes(65'538, 0x00)})));
    }
    add("a version's name of 64,000",
        message(16, joined({head(text_major, 64'000), Bytes(64'000, 'v')})));
    Bytes keys = joined({head(map_major, 20'000), {0x01, 0x01}});
    for (std::uint32_t key = 1; key < 20'000; ++key) {
        append(keys, joined({head(unsigned_major, key == 19'999 ? 3 : 100 + key), {0x00}}));
    }
    add("20,000 unknown keys, the last one known and late", keys);
    add("key 2 for 30,000 times",
        joined({head(map_major, 30'001), {0x01, 0x01}, repeated({0x02, 0x00}, 30'000)}));
    add("an unknown key with 1,000 levels", message(99, repeated({0x81}, 1'000)));
    add("an unknown key with 60,000 numbers and none", message(99, spoilt(60'000, {0x00})));
    add("2^64 - 1 entries", joined({head(map_major, ~std::uint64_t{0}), {0x01, 0x01}}));
}

void add_answers(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"answer", std::move(what), std::move(bytes), is_no_answer});
    };
    const Bytes delta = joined({{0x87}, string_of(16), {0x01, 0x40, 0x80, 0xf6, 0x80, 0xf6}});
    for (const int key : {9, 11, 13, 15, 18, 19}) {
        const auto number = static_cast<std::uint8_t>(key);
        const std::string list = "list " + std::to_string(key);
        add(list + " of 65,537",
            message(number, joined({head(array_major, 65'537), Bytes(65'537, 0xf6)})));
        add(list + " of 65,536 and none", message(number, spoilt(65'536, {0x40})));
        add(list + " of 2^40",
            message(number, joined({head(array_major, 1ULL << 40U), Bytes(90, 0x40)})));
    }
    const Bytes held{0x83, 0x01, 0xf4, 0xf6};
    add("65 former logs held", message(26, joined({head(array_major, 65), repeated(held, 65)})));
    add("2^40 former logs held",
        message(26, joined({head(array_major, 1ULL << 40U), repeated(held, 65)})));
    add("60,000 verdicts and none", message(19, spoilt(60'000, {0xf6})));
    add("3,000 records, the last of them none", message(15, joined({{0x82},
                                                                    string_of(16),
                                                                    head(array_major, 3'000),
                                                                    repeated(delta, 2'999),
                                                                    {0xff}})));
    add("a record of 65,537 wraps", message(15, joined({{0x82},
                                                        string_of(16),
                                                        {0x81, 0x87},
                                                        string_of(16),
                                                        {0x01, 0x40, 0x80, 0xf6},
                                                        head(array_major, 65'537),
                                                        Bytes(65'537, 0x40),
                                                        {0xf6}})));
    add("10,000 teams without records",
        message(15, joined({head(array_major, 20'000),
                            repeated(joined({string_of(16), {0x80}}), 10'000)})));
    const Bytes parked = joined({{0x89, 0x01, 0x82},
                                 string_of(16),
                                 {0x01},
                                 string_of(16),
                                 string_of(16),
                                 string_of(16),
                                 {0x01, 0x60, 0x40, 0xf6}});
    add("2,000 parked, the last of them none", message(13, spoilt(2'000, parked)));
    for (const std::uint32_t count : {1'000U, 8'000U}) {
        add(std::to_string(count) + " cursors, the last without its place",
            message(16, cursors(count)));
    }
}

void add_small(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes, bool (*is_refused)(ByteView)) {
        out.push_back({"message", std::move(what), std::move(bytes), is_refused});
    };
    const auto no_enrolment = [](ByteView bytes) { return !decode_statements(bytes); };
    const auto no_founding = [](ByteView bytes) { return !decode_founding_request(bytes); };
    const auto no_refusal = [](ByteView bytes) { return !decode_refusal(bytes); };
    add("an enrolment of 65,537 statements",
        joined({{0x82, 0x01}, head(array_major, 65'537), Bytes(65'537, 0x40)}), no_enrolment);
    add("an enrolment of 65,536 empty statements and none",
        joined({{0x82, 0x01}, spoilt(65'536, {0x40})}), no_enrolment);
    add("an enrolment of 2^50 statements", joined({{0x82, 0x01}, head(array_major, 1ULL << 50U)}),
        no_enrolment);
    add("a founding of 4 GiB",
        joined({{0x83, 0x01}, string_of(32), head(bytes_major, 1ULL << 32U)}), no_founding);
    add("a founding with 60,000 bytes behind it",
        joined({{0x83, 0x01}, string_of(32), {0x40}, Bytes(60'000, 0x00)}), no_founding);
    add("a refusal with a detail of 4 GiB",
        joined({{0x84, 0x01, 0x01}, head(text_major, 1ULL << 32U)}), no_refusal);
    add("a refusal with code 2^40",
        joined({{0x84, 0x01}, head(unsigned_major, 1ULL << 40U), {0x60, 0xf6}}), no_refusal);
}

Bytes packed(std::uint64_t length, const Bytes& plain, const Bytes& columns) {
    const Bytes frame = deflate(columns, Effort::thorough);
    return joined({{0x02, 0x83},
                   head(unsigned_major, length),
                   head(bytes_major, plain.size()),
                   plain,
                   head(bytes_major, frame.size()),
                   frame});
}

Bytes shape_of(std::uint32_t count, const Bytes& entry) {
    const Bytes shape = joined({{0x01}, head(unsigned_major, count), repeated(entry, count)});
    return joined({{0x82, 0x00}, head(bytes_major, shape.size()), shape});
}

void add_packed(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"packed", std::move(what), std::move(bytes),
                       [](ByteView segment) { return !decode_packed_segment(segment); }});
    };
    const Bytes plain(128, 1);
    for (const std::uint64_t length :
         {std::uint64_t{1} << 20U, (std::uint64_t{1} << 20U) + 1, ~std::uint64_t{0}}) {
        const std::string size = std::to_string(length);
        add("a length of " + size + " and nothing", packed(length, {}, {0x80}));
        add("a length of " + size + " and 250,000 empty bodies",
            packed(length, plain, shape_of(250'000, {0x01, 0x00})));
        add("a length of " + size + " and 2^60 entries",
            packed(length, plain, joined({{0x82, 0x00}, string_of(9)})));
        add("a length of " + size + " and 250,000 erased",
            packed(length, plain, shape_of(250'000, {0x00})));
    }
    Bytes columns = head(array_major, 40'000);
    for (std::uint32_t key = 0; key < 20'000; ++key)
        append(columns, joined({head(unsigned_major, key), {0x40}}));
    add("20,000 columns", packed(1'000, plain, columns));
    add("20,000 columns of one key",
        packed(1'000, plain, joined({head(array_major, 40'000), repeated({0x00, 0x40}, 20'000)})));
    Bytes bytes{0x02, 0x83, 0x0a, 0x40};
    append(bytes, head(bytes_major, 1ULL << 32U));
    add("columns of 4 GiB", bytes);
    add("columns that are no frame", joined({{0x02, 0x83, 0x0a, 0x40}, string_of(60'000)}));
    add("an unknown form", Bytes(60'000, 0x03));
}

}  // namespace

std::vector<Bomb> message_bombs() {
    std::vector<Bomb> out;
    add_requests(out);
    add_answers(out);
    add_small(out);
    add_packed(out);
    return out;
}

}  // namespace godwit
