#include "shared/seal/segment_signature.h"

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

struct Signed {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{5};
    SigningKeyPair asha = cipher.make_signing_keys(random);
    SigningKeyPair bela = cipher.make_signing_keys(random);
    Segment segment;

    Signed() {
        segment.replica = id_of<ReplicaId>(1);
        segment.log = id_of<LogId>(2);
        segment.first = 1;
        segment.previous = empty_head(segment.replica, segment.log).hash;
        segment.entries = {entry_of({1, 2, 3}), entry_of({4, 5, 6})};
        sign(cipher, segment, asha.secret_key);
    }
    bool is_refused() const {
        const auto outcome = verify(cipher, segment, asha.public_key);
        return !outcome && outcome.error().code == ErrorCode::bad_signature;
    }
};

TEST_CASE("a segment verifies under its replica's key and no other", "[seal]") {
    const Signed world;
    CHECK(verify(world.cipher, world.segment, world.asha.public_key));
    const auto by_bela = verify(world.cipher, world.segment, world.bela.public_key);
    REQUIRE_FALSE(by_bela);
    CHECK(by_bela.error().code == ErrorCode::bad_signature);
}

TEST_CASE("a segment whose body was erased still verifies", "[seal]") {
    Signed world;
    world.segment.entries[0].body.clear();
    CHECK(verify(world.cipher, world.segment, world.asha.public_key));

    world.segment.entries[0].record = id_of<RecordId>(3);  // Not the record it was about.
    CHECK(world.is_refused());
}

TEST_CASE("a segment changed in any part verifies no more", "[seal]") {
    Signed world;
    SECTION("an entry") {
        world.segment.entries[1] = entry_of({4, 5, 7});
    }
    SECTION("an entry left out") {
        world.segment.entries.pop_back();
    }
    SECTION("entries in another order") {
        std::swap(world.segment.entries[0], world.segment.entries[1]);
    }
    SECTION("what came before") {
        world.segment.previous[0] ^= 1U;
    }
    SECTION("its place") {
        world.segment.first = 2;
    }
    SECTION("its replica") {
        world.segment.replica = id_of<ReplicaId>(9);
    }
    SECTION("its log") {
        world.segment.log = id_of<LogId>(9);
    }
    SECTION("its signature") {
        world.segment.signature[63] ^= 1U;
    }
    CHECK(world.is_refused());
}

}  // namespace
}  // namespace godwit
