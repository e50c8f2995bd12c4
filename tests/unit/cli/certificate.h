/// A certificate of its own making for a server of the tests.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/bytes.h"

namespace godwit {

struct TestCertificate {
    std::filesystem::path certificate;  ///< PEM.
    std::filesystem::path key;          ///< PEM.
    Digest pin{};                       ///< SHA-256 of its SubjectPublicKeyInfo.
};

/// Made in `folder`, for `host`.
TestCertificate make_certificate(const std::filesystem::path& folder, const std::string& host);

}  // namespace godwit
