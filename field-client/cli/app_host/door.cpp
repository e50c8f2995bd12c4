#include "field-client/cli/app_host/door.h"

#include <algorithm>

namespace godwit {

namespace {

constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
constexpr std::string_view permissions_policy =
    "camera=(self), microphone=(self), geolocation=(), display-capture=(), clipboard-read=(), "
    "payment=(), usb=(), serial=(), bluetooth=()";
constexpr std::size_t secret_body_bytes_max = 1024;
constexpr std::size_t call_body_bytes_max = 32U << 20U;
constexpr std::string_view json_type = "application/json";
constexpr std::string_view plain_type = "text/plain; charset=utf-8";

AppAnswer answer_of(int status, std::string_view type, std::string body) {
    return {status, {{"Content-Type", std::string(type)}}, std::move(body)};
}

AppAnswer refusal(int status, std::string_view why) {
    return answer_of(status, plain_type, std::string(why) + "\n");
}

/// Was it asked from the app's own page, or typed into the address bar?
bool is_from_here(const AppRequest& request, std::string_view authority) {
    if (request.host != authority) return false;
    if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
        request.fetch_site != "none") {
        return false;
    }
    if (request.origin.empty()) return request.method == "GET";
    return request.origin == "http://" + std::string(authority);
}

/// What every answer tells the browser.
void add_protections(AppAnswer& answer) {
    const auto add = [&](std::string_view name, std::string_view value) {
        answer.headers.emplace_back(name, value);
    };
    add("Content-Security-Policy", content_policy);
    add("Permissions-Policy", permissions_policy);
    add("Cross-Origin-Opener-Policy", "same-origin");
    add("Cross-Origin-Resource-Policy", "same-origin");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    const bool is_kept =
        std::any_of(answer.headers.begin(), answer.headers.end(),
                    [](const auto& each) { return each.first == "Cache-Control"; });
    if (!is_kept) add("Cache-Control", "no-store");
}

}  // namespace

AppAnswer Door::answer(const AppRequest& request, std::string_view authority) {
    AppAnswer out = [&] {
        if (!is_from_here(request, authority)) {
            return refusal(403, "Godwit answers its own page only.");
        }
        if (request.method == "GET") return file(request);
        if (request.method != "POST") return refusal(405, "GET or POST.");
        if (request.path != "/session" && request.path != "/call") {
            return refusal(404, "There is nothing here.");
        }
        if (request.type != json_type) return refusal(415, "A body is application/json.");
        return request.path == "/session" ? session(request) : call(request);
    }();
    add_protections(out);
    return out;
}

AppAnswer Door::file(const AppRequest& request) const {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const AppFile& each) { return each.path == request.path; });
    if (found == files_.end()) return refusal(404, "There is nothing here.");
    AppAnswer out = answer_of(200, found->type, std::string(found->bytes));
    out.headers.emplace_back("Content-Encoding", "gzip");
    // Its name is its hash: under this name there will never be anything else.
    if (found->path.starts_with("/assets/")) {
        out.headers.emplace_back("Cache-Control", "private, max-age=31536000, immutable");
    }
    return out;
}

AppAnswer Door::session(const AppRequest& request) {
    const auto body = request.body(secret_body_bytes_max);
    if (!body) return refusal(413, "A body has a length, and a short one here.");
    const auto given = parse_json(*body, "the request");
    const auto session = admission_.admit(given ? text_member(*given, "secret") : "");
    if (!session) {
        return refusal(401,
                       "This link was used already. Press Enter where Godwit runs for another.");
    }
    AppAnswer out = answer_of(200, json_type, format_json({{"token", session->token}}));
    out.headers.emplace_back("Set-Cookie", std::string(session_cookie) + "=" + session->cookie +
                                               "; HttpOnly; SameSite=Strict; Path=/");
    return out;
}

AppAnswer Door::call(const AppRequest& request) {
    // Cookies of a name may come from other programs on other ports too.
    const bool is_known =
        std::any_of(request.cookies.begin(), request.cookies.end(),
                    [&](const std::string& each) { return admission_.knows(each, request.token); });
    if (!is_known) return refusal(401, "Open the link that Godwit printed.");
    const auto body = request.body(call_body_bytes_max);
    if (!body) return refusal(413, "A body has a length, of at most 32 MiB.");
    return answer_of(200, json_type, replica_.call(*body));
}

}  // namespace godwit
