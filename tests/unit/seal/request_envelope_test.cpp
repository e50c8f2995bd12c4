#include "shared/seal/request_envelope.h"

#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

constexpr std::string_view path = "/v1/exchange";

struct Request {
    SodiumCipher cipher = test_cipher();
    SeededRandom random{13};
    SigningKeyPair server = cipher.make_signing_keys(random);
    SigningKeyPair asha = cipher.make_signing_keys(random);
    ReplicaId replica = id_of<ReplicaId>(0xa1);
    RequestNonce nonce{1, 2, 3};
    Bytes payload{7, 8, 9};

    Bytes bytes() const {
        return sign_request(cipher, path, server.public_key, replica, nonce, payload,
                            asha.secret_key);
    }
    Result<void> verified(ByteView envelope, std::string_view at, const SigningPublicKey& by,
                          const SigningPublicKey& key) const {
        const Envelope read = TRY(read_envelope(envelope));
        return verify(cipher, read, at, by, key);
    }
};

TEST_CASE("a signed request reads back and verifies", "[seal]") {
    const Request world;
    const Bytes bytes = world.bytes();
    CHECK(bytes.size() == envelope_head_bytes + world.payload.size());
    const auto read = read_envelope(bytes);
    REQUIRE(read);
    CHECK(read->replica == world.replica);
    CHECK(read->nonce == world.nonce);
    CHECK(copy_of(read->payload) == world.payload);
    CHECK(world.verified(bytes, path, world.server.public_key, world.asha.public_key));
}

TEST_CASE("a request may carry nothing", "[seal]") {
    Request world;
    world.payload.clear();
    CHECK(world.verified(world.bytes(), path, world.server.public_key, world.asha.public_key));
}

TEST_CASE("a request is good at one path, for one server, from one replica", "[seal]") {
    const Request world;
    const auto is_refused = [](const Result<void>& outcome) {
        return !outcome && outcome.error().code == ErrorCode::bad_signature;
    };
    const Bytes bytes = world.bytes();
    CHECK(is_refused(
        world.verified(bytes, "/v1/enrol", world.server.public_key, world.asha.public_key)));
    CHECK(is_refused(world.verified(bytes, path, world.asha.public_key, world.asha.public_key)));
    CHECK(
        is_refused(world.verified(bytes, path, world.server.public_key, world.server.public_key)));
}

TEST_CASE("a request with any bit flipped is refused", "[seal]") {
    const Request world;
    const Bytes bytes = world.bytes();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        CHECK_FALSE(world.verified(flipped(bytes, bit), path, world.server.public_key,
                                   world.asha.public_key));
    }
}

TEST_CASE("a request that is cut or grown is refused", "[seal]") {
    const Request world;
    Bytes bytes = world.bytes();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CHECK_FALSE(world.verified(ByteView(bytes).first(length), path, world.server.public_key,
                                   world.asha.public_key));
    }
    bytes.push_back(0);
    CHECK_FALSE(world.verified(bytes, path, world.server.public_key, world.asha.public_key));
}

TEST_CASE("bytes that are no envelope are named so", "[seal]") {
    const auto short_one = read_envelope(Bytes(envelope_head_bytes - 1));
    REQUIRE_FALSE(short_one);
    CHECK(short_one.error().code == ErrorCode::malformed);
    const auto other = read_envelope(Bytes(envelope_head_bytes));
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::malformed);
}

}  // namespace
}  // namespace godwit
