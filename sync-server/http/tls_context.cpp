#include "sync-server/http/tls_context.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

#include "shared/base/sha256.h"

namespace godwit {
namespace {

constexpr long certificate_days = 3'650;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Error failed(const char* what) {
    return {ErrorCode::storage_failed, std::string("OpenSSL could not make ") + what};
}

Error unusable(const char* what) {
    return {ErrorCode::bad_key, what};
}

Owned<BIO> reading(const std::string& text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of_bio(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

bool is_host_name(const std::string& host) {
    if (host.empty() || host.size() > 253) return false;
    return host.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
           std::string::npos;
}

Result<std::string> alternative_name(const std::string& host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) return "IP:" + host;
    if (is_host_name(host)) return "DNS:" + host;
    return Error{ErrorCode::wrong_parameters, "the host is neither a name nor an address"};
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    const Owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
    const Owned<BIGNUM> number(BN_new());
    return number && BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_subject(X509* certificate) {
    const Owned<X509_NAME> name(X509_NAME_new());
    const std::string common_name = "Godwit server";
    return name &&
           X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(common_name.data()),
                                      static_cast<int>(common_name.size()), -1, 0) == 1 &&
           X509_set_subject_name(certificate, name.get()) == 1 &&
           X509_set_issuer_name(certificate, name.get()) == 1;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key, const std::string& name, time_t now) {
    // A day of grace: replicas whose clocks are behind must not take the server for a stranger.
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           set_subject(certificate) &&
           X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, &now) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), certificate_days, 0, &now) !=
               nullptr &&
           X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_subject_alt_name, name) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<TlsIdentity> make_tls_identity(const std::string& host, const WallClock& wall) {
    const std::string name = TRY(alternative_name(host));
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    if (!key) return failed("a key");
    const Owned<X509> certificate(X509_new());
    const auto now = static_cast<time_t>(wall.now_ms() / 1'000);
    if (!certificate || !fill_certificate(certificate.get(), key.get(), name, now)) {
        return failed("a certificate");
    }
    const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
    const Owned<BIO> key_text(BIO_new(BIO_s_secmem()));
    if (!certificate_text || !key_text ||
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) != 1) {
        return failed("the text of a certificate");
    }
    return TlsIdentity{text_of_bio(certificate_text.get()), text_of_bio(key_text.get())};
}

Result<std::optional<Digest>> pin_of(const TlsIdentity& identity) {
    const Owned<BIO> bio = reading(identity.certificate);
    const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return unusable("not a certificate in PEM");
    const bool is_own = X509_NAME_cmp(X509_get_subject_name(certificate.get()),
                                      X509_get_issuer_name(certificate.get())) == 0;
    if (!is_own) return std::optional<Digest>();
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
    if (size <= 0) return unusable("a certificate without a key");
    const Digest pin = sha256({ByteView(der, static_cast<std::size_t>(size))});
    OPENSSL_free(der);
    return std::optional<Digest>(pin);
}

Result<Poco::Net::Context::Ptr> make_server_context(const TlsIdentity& identity) {
    using Poco::Net::Context;
    Context::Ptr context;
    try {
        context = new Context(Context::TLS_SERVER_USE, "", "", "", Context::VERIFY_NONE, 9, false);
    } catch (const Poco::Exception&) {
        return failed("a TLS context");
    }
    SSL_CTX* tls = context->sslContext();
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    // No session outlives its connection: a ticket would link a phone's visits to one another.
    SSL_CTX_set_num_tickets(tls, 0);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);

    const Owned<BIO> certificates = reading(identity.certificate);
    const Owned<X509> own(PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
    if (!own || SSL_CTX_use_certificate(tls, own.get()) != 1)
        return unusable("not a certificate in PEM");
    while (
        const Owned<X509> next{PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)}) {
        if (SSL_CTX_add1_chain_cert(tls, next.get()) != 1)
            return unusable("a broken certificate chain");
    }
    const Owned<BIO> keys = reading(identity.key);
    // A key under a passphrase is refused: OpenSSL would otherwise ask at a terminal.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(keys.get(), nullptr, no_passphrase, nullptr));
    if (!key) return unusable("not a private key in PEM, or one under a passphrase");
    if (SSL_CTX_use_PrivateKey(tls, key.get()) != 1 || SSL_CTX_check_private_key(tls) != 1) {
        return unusable("the private key is not that of the certificate");
    }
    return context;
}

}  // namespace godwit
