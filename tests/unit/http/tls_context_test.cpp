#include "sync-server/http/tls_context.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/support/catch.h"
#include "tests/unit/http/caller.h"

namespace godwit {
namespace {

const StillClock clock_now;

struct Certificate {
    explicit Certificate(const TlsIdentity& identity)
        : bio(BIO_new_mem_buf(identity.certificate.data(), -1)),
          x509(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {}
    ~Certificate() {
        X509_free(x509);
        BIO_free(bio);
    }
    BIO* bio;
    X509* x509;
};

}  // namespace

TEST_CASE("a server's own certificate names its host and vouches for itself", "[http]") {
    const auto named = make_tls_identity("sync.example", clock_now);
    REQUIRE(named);
    const Certificate name(*named);
    REQUIRE(name.x509 != nullptr);
    CHECK(X509_check_host(name.x509, "sync.example", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(name.x509, "other.example", 0, 0, nullptr) == 0);
    CHECK(X509_verify(name.x509, X509_get0_pubkey(name.x509)) == 1);
    CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(name.x509)) == 256);

    const auto addressed = make_tls_identity("192.0.2.7", clock_now);
    REQUIRE(addressed);
    const Certificate address(*addressed);
    CHECK(X509_check_ip_asc(address.x509, "192.0.2.7", 0) == 1);
    CHECK(X509_check_ip_asc(address.x509, "192.0.2.8", 0) == 0);
    CHECK(make_tls_identity("2001:db8::1", clock_now));
}

TEST_CASE("a host that no certificate can name is refused", "[http]") {
    for (const char* host : {"", "a b", "a,DNS:b", "a/b", "a\nb", "host:8443"}) {
        INFO(host);
        const auto outcome = make_tls_identity(host, clock_now);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::wrong_parameters);
    }
    CHECK(make_tls_identity("localhost", clock_now));
}

TEST_CASE("a pin is the key's, not the certificate's", "[http]") {
    const auto one = make_tls_identity("localhost", clock_now);
    const auto other = make_tls_identity("localhost", clock_now);
    REQUIRE((one && other));
    const auto pin = pin_of(*one);
    REQUIRE((pin && *pin));
    CHECK(**pin == **pin_of(*one));
    CHECK(**pin != **pin_of(*other));
    CHECK(pin_of({"rubbish", ""}).error().code == ErrorCode::bad_key);
}

TEST_CASE("certificate and key must be of each other, and open", "[http]") {
    const auto one = make_tls_identity("localhost", clock_now);
    const auto other = make_tls_identity("localhost", clock_now);
    REQUIRE((one && other));
    CHECK(make_server_context(*one));
    CHECK(make_server_context({one->certificate, other->key}).error().code == ErrorCode::bad_key);
    CHECK(make_server_context({"rubbish", one->key}).error().code == ErrorCode::bad_key);
    CHECK(make_server_context({one->certificate, "rubbish"}).error().code == ErrorCode::bad_key);
    CHECK(make_server_context({one->certificate, ""}).error().code == ErrorCode::bad_key);

    const std::string locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n";
    CHECK(make_server_context({one->certificate, locked}).error().code == ErrorCode::bad_key);
}

}  // namespace godwit
