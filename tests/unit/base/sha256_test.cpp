#include "shared/base/sha256.h"

#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace godwit;

// Vectors: FIPS 180-2, appendix B, and the empty message.
TEST_CASE("SHA-256 gives the digests the standard prints", "[base]") {
    CHECK(format_hex(sha256({})) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(format_hex(sha256({bytes_of("abc")})) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(format_hex(
              sha256({bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")})) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const std::string million(1'000'000, 'a');
    CHECK(format_hex(sha256({bytes_of(million)})) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("parts hash as their whole, wherever they are cut", "[base]") {
    const std::string whole = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        const auto first = bytes_of(whole).first(cut);
        const auto rest = bytes_of(whole).subspan(cut);
        CHECK(sha256({first, rest}) == sha256({bytes_of(whole)}));
    }
    CHECK(sha256({bytes_of("ab"), {}, bytes_of("c")}) == sha256({bytes_of("abc")}));
    CHECK(sha256({bytes_of("ba"), bytes_of("c")}) != sha256({bytes_of("abc")}));
}

TEST_CASE("threads hash beside each other without mixing", "[base]") {
    const std::string words(4096, 'g');
    const Digest expected = sha256({bytes_of(words)});
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t index = 0; index < wrong.size(); ++index) {
        threads.emplace_back([&, index] {
            for (int round = 0; round < 500; ++round) {
                if (sha256({bytes_of(words)}) != expected) ++wrong[index];
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}
