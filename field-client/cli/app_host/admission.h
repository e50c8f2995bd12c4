/// Who may ask: a link that admits once, and the session it is exchanged for.
///
/// Invariants
///   - At most one link and one session are good at a time; a new one voids the one before.
///   - Nothing here is compared in a time that tells how much of it was right.
///
/// Spec: app-host §2. For any number of threads.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/random.h"
#include "shared/seal/cipher.h"

namespace godwit {

class Admission {
public:
    /// Both must outlive it; `random` is used by nobody else meanwhile.
    Admission(Random& random, const Cipher& cipher) : random_(random), cipher_(cipher) {}

    /// The secret of a new link: 32 bytes, base64url.
    std::string new_link();

    /// What a session shows with every call. Sensitive.
    struct Session {
        std::string cookie;
        std::string token;
    };

    /// A new session for the link's secret, which is then used up; nothing for any other.
    std::optional<Session> admit(std::string_view secret);

    [[nodiscard]] bool knows(std::string_view cookie, std::string_view token) const;

private:
    std::string fresh();
    [[nodiscard]] bool is_same(std::string_view given, const std::string& kept) const;

    Random& random_;
    const Cipher& cipher_;
    mutable std::mutex mutex_;
    std::string link_;  ///< Empty: none is good.
    Session session_;
};

}  // namespace godwit
