#include "shared/base/text.h"
#include "shared/seal/invitation.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/phrase.h"
#include "shared/seal/receipt.h"
#include "shared/seal/request_envelope.h"
#include "shared/seal/roster.h"
#include "shared/seal/sealed_value.h"
#include "shared/seal/wrap.h"
#include "tests/fuzz/bomb.h"
#include "tests/fuzz/bomb_bytes.h"
#include "tests/fuzz/cheap_cipher.h"

namespace godwit {

using namespace bomb;

namespace {

Bytes statement(std::uint8_t kind, const Bytes& body) {
    return joined({{0x88, 0x01},
                   string_of(16),
                   string_of(16),
                   {0x01},
                   string_of(32),
                   {kind},
                   body,
                   string_of(64)});
}

bool is_no_statement(ByteView bytes) {
    const CheapCipher cipher;
    Roster roster(cipher, {});
    return !roster.accept(bytes, std::nullopt);
}

void add_statements(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"statement", std::move(what), std::move(bytes), is_no_statement});
    };
    const Bytes place = joined({{0x82}, string_of(16), {0x01}});
    const Bytes grant = joined({{0x82}, string_of(16), string_of(grant_box_bytes)});
    add("more than a statement may have", Bytes(statement_bytes_max + 1, 0x81));
    add("a name of 65,000",
        statement(2, joined({{0x83}, string_of(16), string_of(65'000), {0x00}})));
    for (const std::uint32_t count : {100U, 3'000U}) {
        add(std::to_string(count) + " places in one team",
            statement(3, joined({{0x84},
                                 string_of(16),
                                 {0x40},
                                 head(array_major, count),
                                 repeated(place, count),
                                 {0x00}})));
    }
    for (const std::uint32_t count : {2U, 512U, 513U, 640U}) {
        const Bytes grants = joined({head(array_major, count), repeated(grant, count)});
        add(std::to_string(count) + " grants to one replica",
            statement(8, joined({{0x85}, string_of(16), {0x02, 0x01}, grants, {0x00}})));
    }
    add("2^40 grants",
        statement(8,
                  joined({{0x85}, string_of(16), {0x02, 0x01}, head(array_major, 1ULL << 40U)})));
    add("2^40 places",
        statement(3, joined({{0x84}, string_of(16), {0x40}, head(array_major, 1ULL << 40U)})));
    for (int kind = 0; kind <= 9; ++kind) {
        add("kind " + std::to_string(kind) + " with a body 60,000 levels deep",
            statement(static_cast<std::uint8_t>(kind), repeated({0x81}, 60'000)));
    }
    out.push_back({"statement", "a name that is no text",
                   joined({Bytes(24, 0), Bytes(60'000, 0x81), Bytes(16, 0)}),
                   [](ByteView bytes) { return !open_name(CheapCipher{}, {}, bytes); }});
}

void add_lines(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, std::string line) {
        out.push_back({"invitation", std::move(what), copy_of(bytes_of(line)), [](ByteView bytes) {
                           return !parse_invitation(text_of(bytes)) &&
                                  !parse_founding_link(text_of(bytes));
                       }});
    };
    const auto line = [](const Bytes& body) { return "godwit-invite:" + format_base64url(body); };
    const Bytes url = joined({{0x69}, copy_of(bytes_of("https://a"))});
    const Bytes start =
        joined({{0x87, 0x01}, url, {0xf6}, string_of(16), string_of(32), string_of(32)});
    add("a proof of 2^60", line(joined({start, head(array_major, 1ULL << 60U)})));
    add("a proof of 30,000 and none",
        line(joined({start, head(array_major, 30'000), Bytes(29'999, 0x40), {0xff}})));
    add("a proof of 4 GiB", line(joined({start, {0x81}, head(bytes_major, 1ULL << 32U)})));
    add("an address of 60,000",
        line(joined({{0x87, 0x01}, head(text_major, 60'000), Bytes(60'000, 'a')})));
    add("100,000 letters", "godwit-invite:" + std::string(100'000, 'A'));
    add("100,000 spaces", std::string(100'000, ' ') + "x");
    add("100,000 spaces within", "godwit-invite:" + std::string(100'000, ' ') + "AA");
    add("100,000 letters of a founding link", "godwit-found:" + std::string(100'000, '_'));
}

void add_slots(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes) {
        out.push_back({"slot", std::move(what), std::move(bytes), [](ByteView slot) {
                           return !unlock_store_key(CheapCipher{}, slot, "bade fimo");
                       }});
    };
    for (const std::uint64_t memory : {std::uint64_t{0}, (std::uint64_t{1} << 30U) + 1,
                                       std::uint64_t{1} << 40U, ~std::uint64_t{0}}) {
        add("a phrase that costs " + std::to_string(memory) + " bytes",
            joined({{0x85, 0x01},
                    string_of(16),
                    head(unsigned_major, memory),
                    {0x03},
                    string_of(72)}));
    }
    for (const std::uint64_t passes :
         {std::uint64_t{0}, std::uint64_t{65}, std::uint64_t{1} << 32U, ~std::uint64_t{0}}) {
        add("a phrase that costs " + std::to_string(passes) + " passes",
            joined({{0x85, 0x01},
                    string_of(16),
                    head(unsigned_major, 8'192),
                    head(unsigned_major, passes),
                    string_of(72)}));
    }
    add("a sealed key of 60,000",
        joined({{0x85, 0x01}, string_of(16), {0x19, 0x20, 0x00, 0x03}, string_of(60'000)}));
}

void add_rest(std::vector<Bomb>& out) {
    const auto add = [&](std::string what, Bytes bytes, bool (*is_refused)(ByteView)) {
        out.push_back({"sealed", std::move(what), std::move(bytes), is_refused});
    };
    const auto no_receipt = [](ByteView bytes) {
        return !decode_receipt(bytes) && !decode_safe_mark(bytes);
    };
    const auto no_key = [](ByteView bytes) {
        return !decode_batch(bytes) && !decode_wraps_of(bytes);
    };
    const auto no_padding = [](ByteView bytes) { return !unpad(bytes); };
    const auto no_envelope = [](ByteView bytes) { return !read_envelope(bytes); };
    add("a receipt of 60,000 items", joined({head(array_major, 60'000), Bytes(60'000, 0x01)}),
        no_receipt);
    add("a receipt 60,000 levels deep", repeated({0x81}, 60'000), no_receipt);
    add("a wrap of 4 GiB",
        joined(
            {string_of(16), {0x84, 0x01}, string_of(16), {0x00}, head(bytes_major, 1ULL << 32U)}),
        no_key);
    add("a wrap for an id of 60,000",
        joined({string_of(16), {0x84, 0x01}, string_of(60'000), {0x00, 0x40}}), no_key);
    const Bytes batch = joined({{0x86}, string_of(16), string_of(16), {0x06}, string_of(64)});
    add("20,000 record keys under one signature",
        joined({batch, head(array_major, 60'000), Bytes(60'000, 0x00)}), no_key);
    add("a record key with 60,000 bytes of digests",
        joined({batch, {0x83, 0x00}, string_of(16), string_of(32), string_of(60'000)}), no_key);
    add("60,000 zeros for padding", Bytes(60'000, 0), no_padding);
    add("a mark and 60,000 zeros", joined({{0x00, 0x80}, Bytes(60'000, 0)}), no_padding);
    add("an envelope cut short", Bytes(envelope_head_bytes - 1, 'G'), no_envelope);
    add("an envelope of another kind", Bytes(60'000, 'G'), no_envelope);
}

}  // namespace

std::vector<Bomb> sealed_bombs() {
    std::vector<Bomb> out;
    add_statements(out);
    add_lines(out);
    add_slots(out);
    add_rest(out);
    return out;
}

}  // namespace godwit
