/// What is answered to whom: every request of the app's host comes through here, whatever carries
/// it.
///
/// Spec: app-host §1–4. For any number of threads.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "field-client/cli/app_host/admission.h"
#include "field-client/cli/app_host/app_file.h"
#include "field-client/cli/app_host/shared_replica.h"

namespace godwit {

/// A request, as far as anything here depends on it. Absent headers are empty.
struct AppRequest {
    std::string method;
    std::string path;
    std::string host;
    std::string origin;
    std::string fetch_site;            ///< Sec-Fetch-Site.
    std::string type;                  ///< Content-Type.
    std::vector<std::string> cookies;  ///< Values of those that have our name.
    std::string token;
    /// The whole body, if it has a length and at most `bytes_max`; read only from who may ask.
    std::function<std::optional<std::string>(std::size_t bytes_max)> body;
};

struct AppAnswer {
    int status{};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

inline constexpr std::string_view session_cookie = "godwit";
inline constexpr std::string_view session_header = "Godwit-Token";

class Door {
public:
    /// All must outlive it.
    Door(AppFiles files, Admission& admission, SharedReplica& replica)
        : files_(files), admission_(admission), replica_(replica) {}

    /// `authority`: the address and port the request came in at, as a Host header names it.
    AppAnswer answer(const AppRequest& request, std::string_view authority);

private:
    AppAnswer file(const AppRequest& request) const;
    AppAnswer session(const AppRequest& request);
    AppAnswer call(const AppRequest& request);

    AppFiles files_;
    Admission& admission_;
    SharedReplica& replica_;
};

}  // namespace godwit
