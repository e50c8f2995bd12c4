/// JSON at the replica's face: what is read has at most 64 levels, is written in one way, and that
/// reads as the same.
#include "field-client/replica/json.h"
#include "shared/base/bytes.h"

namespace {

std::size_t levels_of(const godwit::Json& json) {
    std::size_t most = 0;
    if (!json.is_structured()) return 0;
    for (const godwit::Json& each : json) most = std::max(most, levels_of(each));
    return most + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = godwit::text_of({data, size});
    static_cast<void>(godwit::quoted_name(text));
    const auto json = godwit::parse_json(text);
    if (!json) return 0;
    GODWIT_ASSERT(levels_of(*json) <= godwit::json_depth_max);
    const std::string written = godwit::format_json(*json);
    const auto again = godwit::parse_json(written);
    GODWIT_ASSERT(again && godwit::format_json(*again) == written);
    return 0;
}
