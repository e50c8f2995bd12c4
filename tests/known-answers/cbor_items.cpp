/// Writes random CBOR items for an independent decoder to read, one line each:
///   item     hexadecimal, a tab, the item in the notation of notation.h
///   damaged  hexadecimal, a tab, whether our decoder accepts it
/// Usage: cbor_items COUNT SEED FILE. The same seed writes the same file.
#include <rapidcheck.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "shared/base/text.h"
#include "tests/known-answers/notation.h"
#include "tests/unit/change/arbitrary.h"

using namespace godwit;

namespace {

constexpr int depth = 5;

void write_line(std::ofstream& file, const Bytes& item) {
    cbor::Decoder in(item);
    const auto notation = known_answers::read_item(in);
    GODWIT_ASSERT(bool(notation));
    file << "item\t" << format_hex(item) << '\t' << notation->dump() << '\n';
}

void write_damaged(std::ofstream& file, Bytes item, std::mt19937_64& random) {
    item[random() % item.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    file << "damaged\t" << format_hex(item) << '\t' << (cbor::check(item) ? "true" : "false")
         << '\n';
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "usage: cbor_items COUNT SEED FILE\n";
        return 2;
    }
    const unsigned long long seed = std::strtoull(arguments[2], nullptr, 10);
    std::ofstream file(arguments[3]);
    std::mt19937_64 random(seed);
    const auto gen = samples::any_item(depth);
    for (long left = std::strtol(arguments[1], nullptr, 10); left > 0; --left) {
        const Bytes item = gen(rc::Random(random()), 100).value();
        write_line(file, item);
        write_damaged(file, item, random);
    }
    file.close();
    return file ? 0 : 1;
}
