#include "shared/change/cbor.h"
#include "tests/fuzz/bomb.h"
#include "tests/fuzz/bomb_bytes.h"

namespace godwit {

using namespace bomb;

namespace {

bool is_no_item(ByteView bytes) {
    return !cbor::check(bytes);
}

void add_item(std::vector<Bomb>& out, std::string what, Bytes bytes) {
    out.push_back({"item", std::move(what), std::move(bytes), is_no_item});
}

void add_nested(std::vector<Bomb>& out, std::size_t depth) {
    const std::string levels = std::to_string(depth) + " levels";
    const Bytes one{0x81};
    const Bytes keyed{0xa1, 0x00};
    const Bytes as_key{0xa1};
    const Bytes two{0x82, 0x00};
    add_item(out, levels + " of arrays", joined({repeated(one, depth), {0x00}}));
    add_item(out, levels + " of arrays, unclosed", repeated(one, depth));
    add_item(out, levels + " of maps", joined({repeated(keyed, depth), {0x00}}));
    add_item(out, levels + " of maps as keys", joined({repeated(as_key, depth), {0x00, 0x00}}));
    add_item(out, levels + " of arrays of two", joined({repeated(two, depth), {0x00}}));
    add_item(out, levels + " without an end", repeated({0x9f}, depth));
}

void add_claims(std::vector<Bomb>& out, std::uint64_t claim) {
    const std::string count = std::to_string(claim);
    const Bytes few(64, 0x00);
    add_item(out, "an array of " + count, joined({head(array_major, claim), few}));
    add_item(out, "a map of " + count, joined({head(map_major, claim), few}));
    add_item(out, "bytes of " + count, joined({head(bytes_major, claim), few}));
    add_item(out, "a text of " + count, joined({head(text_major, claim), few}));
    add_item(out, "an array of " + count + " within an array",
             joined({{0x82, 0x00}, head(array_major, claim), few}));
}

}  // namespace

std::vector<Bomb> item_bombs() {
    std::vector<Bomb> out;
    for (const std::size_t depth : {17U, 64U, 1'000U, 60'000U}) add_nested(out, depth);
    for (const std::uint64_t claim :
         {std::uint64_t{100}, std::uint64_t{65'535}, std::uint64_t{1} << 24U,
          (std::uint64_t{1} << 31U) - 1, std::uint64_t{1} << 32U, (std::uint64_t{1} << 63U) - 1,
          std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
        add_claims(out, claim);
    }
    constexpr std::uint32_t many = 60'000;
    const Bytes bad{0xff};
    add_item(out, "60,000 numbers, then none",
             joined({head(array_major, many), Bytes(many - 1, 0x00), bad}));
    add_item(out, "60,000 empty arrays, then none",
             joined({head(array_major, many), Bytes(many - 1, 0x80), bad}));
    add_item(out, "60,000 empty maps, then none",
             joined({head(array_major, many), Bytes(many - 1, 0xa0), bad}));
    add_item(out, "60,000 empty texts, then none",
             joined({head(array_major, many), Bytes(many - 1, 0x60), bad}));
    add_item(out, "a map with one key 30,000 times",
             joined({head(map_major, many / 2), Bytes(many, 0x00)}));
    Bytes keys = head(map_major, 10'000);
    for (std::uint32_t key = 0; key < 10'000; ++key) {
        append(keys, joined({head(unsigned_major, key == 9'999 ? 0 : key), {0x00}}));
    }
    add_item(out, "a map whose last of 10,000 keys is the first again", keys);
    Bytes long_keys = head(map_major, 2);
    append(long_keys, joined({string_of(30'000), {0x00}, string_of(30'000), {0x00}}));
    add_item(out, "a map with a key of 30,000 bytes twice", long_keys);
    Bytes similar = head(map_major, 60);
    for (int each = 0; each < 60; ++each) append(similar, joined({string_of(1'000), {0x00}}));
    add_item(out, "a map with a key of 1,000 bytes 60 times", similar);
    Bytes nested_keys = head(map_major, 60);
    for (int each = 0; each < 60; ++each) {
        append(nested_keys, joined({head(array_major, 999), Bytes(999, 0x00), {0x00}}));
    }
    add_item(out, "a map with an array of 999 as key 60 times", nested_keys);
    Bytes wide_text = head(text_major, 60'000);
    append(wide_text, Bytes(59'999, 'a'));
    wide_text.push_back(0xc3);
    add_item(out, "a text whose last letter is cut", wide_text);
    add_item(out, "60,000 bytes after an item", joined({{0x00}, Bytes(many, 0x00)}));
    add_item(out, "long heads only", repeated({0x1b, 0, 0, 0, 0, 0, 0, 0, 0}, 6'000));
    return out;
}

}  // namespace godwit
