#include "field-client/cli/app_host/admission.h"

#include <array>

#include "shared/base/bytes.h"
#include "shared/base/text.h"

namespace godwit {

std::string Admission::fresh() {
    std::array<std::uint8_t, 32> bytes{};
    random_.fill(bytes);
    return format_base64url(bytes);
}

bool Admission::is_same(std::string_view given, const std::string& kept) const {
    return !kept.empty() && given.size() == kept.size() &&
           cipher_.is_same_secret(bytes_of(given), bytes_of(kept));
}

std::string Admission::new_link() {
    const std::scoped_lock held(mutex_);
    link_ = fresh();
    return link_;
}

std::optional<Admission::Session> Admission::admit(std::string_view secret) {
    const std::scoped_lock held(mutex_);
    if (!is_same(secret, link_)) return std::nullopt;
    link_.clear();
    session_ = {fresh(), fresh()};
    return session_;
}

bool Admission::knows(std::string_view cookie, std::string_view token) const {
    const std::scoped_lock held(mutex_);
    // Both are looked at, whatever the first says.
    const bool has_cookie = is_same(cookie, session_.cookie);
    const bool has_token = is_same(token, session_.token);
    return has_cookie && has_token;
}

}  // namespace godwit
