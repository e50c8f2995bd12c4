#include "tests/unit/cli/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

#include "shared/base/sha256.h"
#include "tests/support/catch.h"

namespace godwit {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

template <typename Write>
void write_file(const std::filesystem::path& path, Write write) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    CHECK(write(file) == 1);
    std::fclose(file);
}

}  // namespace

TestCertificate make_certificate(const std::filesystem::path& folder, const std::string& host) {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate made(X509_new(), &X509_free);
    REQUIRE(key);
    REQUIRE(made);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    CHECK(X509_sign(made.get(), key.get(), EVP_sha256()) != 0);

    TestCertificate out{folder / "certificate.pem", folder / "key.pem", {}};
    write_file(out.certificate, [&](std::FILE* file) { return PEM_write_X509(file, made.get()); });
    write_file(out.key, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    unsigned char* encoded = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(made.get()), &encoded);
    REQUIRE(length > 0);
    out.pin = sha256({ByteView(encoded, static_cast<std::size_t>(length))});
    OPENSSL_free(encoded);
    return out;
}

}  // namespace godwit
