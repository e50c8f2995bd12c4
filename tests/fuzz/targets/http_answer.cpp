/// Heads of HTTP answers: one that is believed says its length once, in no coding, on lines that
/// nobody could read in another way.
#include <algorithm>

#include "field-client/cli/http_answer.h"
#include "shared/base/bytes.h"

namespace {

bool is_plain(std::string_view head) {
    for (std::size_t index = 0; index < head.size(); ++index) {
        const bool is_end = head.substr(index, 2) == "\r\n";
        const bool is_within_end = index > 0 && head.substr(index - 1, 2) == "\r\n";
        const bool is_control =
            static_cast<unsigned char>(head[index]) < 0x20 && head[index] != '\t';
        if (is_control && !is_end && !is_within_end) return false;
    }
    return head.find(" :") == std::string_view::npos &&
           head.find("\r\n ") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = godwit::text_of({data, size});
    const auto head = godwit::parse_http_answer_head(text);
    if (!head) return 0;
    GODWIT_ASSERT(head->status >= 200 && head->status <= 599);
    GODWIT_ASSERT(head->body_bytes <= godwit::http_body_bytes_max);
    GODWIT_ASSERT(is_plain(text.substr(text.find("\r\n"))));
    return 0;
}
