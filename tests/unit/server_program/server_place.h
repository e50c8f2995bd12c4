/// A folder for one test, gone with it, and what server commands are handed.
#pragma once

#include <stdlib.h>

#include <filesystem>

#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "sync-server/main/setup.h"
#include "sync-server/main/system_clock.h"
#include "tests/support/catch.h"

namespace godwit {

class ServerPlace {
public:
    ServerPlace() : cipher_(*SodiumCipher::create()), random_(*SodiumRandom::create()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "godwit-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~ServerPlace() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ServerPlace(const ServerPlace&) = delete;
    ServerPlace& operator=(const ServerPlace&) = delete;

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }
    [[nodiscard]] Tools tools() { return {cipher_, random_, clock_}; }

private:
    std::filesystem::path path_;
    SodiumCipher cipher_;
    SodiumRandom random_;
    SystemClock clock_;
};

}  // namespace godwit
