/// Founding links and invitations, as somebody pastes or scans them: what is read is written in the
/// same line.
#include "shared/seal/invitation.h"

namespace {

std::string_view without_space(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = godwit::text_of({data, size});
    static_cast<void>(godwit::is_server_url(text));
    const auto link = godwit::parse_founding_link(text);
    const auto invitation = godwit::parse_invitation(text);
    GODWIT_ASSERT(!link || !invitation);
    if (link) GODWIT_ASSERT(godwit::format_founding_link(*link) == without_space(text));
    if (invitation) GODWIT_ASSERT(godwit::format_invitation(*invitation) == without_space(text));
    return 0;
}
