/// The cipher of a simulated world: real libsodium, with three differences that change no result a
/// world could notice except its speed.
///
///   - Phrases are cheap.
///   - What was verified, opened or judged once is remembered by all that went into it.
///   - libsodium's own chance (the ephemeral keys of boxes) is seeded.
#pragma once

#include <mutex>
#include <unordered_map>

#include "tests/support/cheap_phrase_cipher.h"

namespace godwit::simulation {

/// Seeds what libsodium draws by itself. For the whole process.
void begin_sodium_chance(std::uint64_t seed);

class KnownCipher final : public CheapPhraseCipher {
public:
    KnownCipher();

    [[nodiscard]] bool is_usable(const BoxPublicKey& key) const override;
    [[nodiscard]] Signature sign(ByteView message, const SigningSecretKey& key) const override;
    [[nodiscard]] bool verify(ByteView message, const Signature& signature,
                              const SigningPublicKey& key) const override;
    [[nodiscard]] Result<SharedSecret> agree(const BoxSecretKey& own,
                                             const BoxPublicKey& other) const override;
    [[nodiscard]] Result<Bytes> open_box(ByteView boxed, const BoxKeyPair& keys) const override;

    /// Forgets what was remembered since the last call with `true`: between seeds, so that memory
    /// does not grow with their number. What templates taught it stays.
    void forget() const;
    /// What is remembered now stays for good.
    void keep() const;

private:
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept {
            std::size_t out = 0;
            std::memcpy(&out, digest.data(), sizeof out);
            return out;
        }
    };
    using Known = std::unordered_map<Digest, Bytes, DigestHash>;

    [[nodiscard]] const Bytes* find(const Digest& name) const;
    void remember(const Digest& name, Bytes value) const;

    mutable std::mutex mutex_;
    mutable Known known_;
    mutable Known kept_;
};

}  // namespace godwit::simulation
