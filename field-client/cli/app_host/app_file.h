/// The app's files as the program carries them.
#pragma once

#include <span>
#include <string_view>

namespace godwit {

struct AppFile {
    std::string_view path;   ///< As it is asked for: "/", "/assets/…".
    std::string_view type;   ///< Content-Type.
    std::string_view bytes;  ///< gzip (RFC 1952).
};

using AppFiles = std::span<const AppFile>;

/// Those this program was built with; none without GODWIT_APP.
AppFiles app_files();

}  // namespace godwit
