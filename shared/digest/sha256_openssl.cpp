#include <openssl/evp.h>

#include <memory>

#include "shared/base/assert.h"
#include "shared/base/sha256.h"

namespace godwit {

namespace {

/// OpenSSL looks an algorithm up by name at every use unless it is fetched once; on the short
/// inputs of a hash chain the look-up would cost more than the hashing.
const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    GODWIT_ASSERT(fetched != nullptr);
    return fetched;
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

EVP_MD_CTX* context_of_thread() {
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
    GODWIT_ASSERT(context != nullptr);
    return context.get();
}

}  // namespace

Digest sha256(std::initializer_list<ByteView> parts) {
    EVP_MD_CTX* const context = context_of_thread();
    int done = EVP_DigestInit_ex(context, algorithm(), nullptr);
    for (const ByteView part : parts) done &= EVP_DigestUpdate(context, part.data(), part.size());
    Digest out{};
    done &= EVP_DigestFinal_ex(context, out.data(), nullptr);
    GODWIT_ASSERT(done == 1);
    return out;
}

}  // namespace godwit
