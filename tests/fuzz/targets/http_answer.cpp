/// Heads of HTTP answers: one that is believed says its length once, in no coding, on lines that
/// nobody could read in another way.
#include "shared/base/bytes.h"
#include "shared/http/answer_head.h"

namespace {

/// Nobody else finds another header in `line`, or another end.
bool is_plain(std::string_view line) {
    const std::string_view name = line.substr(0, line.find(':'));
    return name.find_first_of(" \t") == std::string_view::npos &&
           line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = godwit::text_of({data, size});
    const auto head = godwit::parse_http_answer_head(text);
    if (!head) return 0;
    GODWIT_ASSERT(head->status >= 200 && head->status <= 599);
    GODWIT_ASSERT(head->body_bytes <= godwit::http_body_bytes_max);
    std::string_view rest = text.substr(text.find("\r\n") + 2);
    for (std::size_t end = rest.find("\r\n"); end > 0; end = rest.find("\r\n")) {
        GODWIT_ASSERT(is_plain(rest.substr(0, end)));
        rest.remove_prefix(end + 2);
    }
    return 0;
}
