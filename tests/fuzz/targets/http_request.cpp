/// Requests over HTTP: read alike whether they come whole or byte by byte.
#include "shared/http/request_parser.h"

namespace {

using godwit::ByteView;

/// What became of a stream of requests.
struct Outcome {
    std::vector<godwit::HttpRequest> requests;
    std::optional<godwit::ErrorCode> refusal;
};

Outcome read(ByteView bytes, std::size_t step) {
    static const godwit::RequestBounds bounds{512, 8, 256};
    static const std::vector<godwit::Route> routes{{godwit::HttpMethod::post, "/v1/exchange"},
                                                   {godwit::HttpMethod::get, "/v1/health"}};
    godwit::RequestParser parser(bounds, routes);
    Outcome out;
    while (!bytes.empty()) {
        const auto used = parser.feed(bytes.first(std::min(step, bytes.size())));
        if (!used) {
            out.refusal = used.error().code;
            return out;
        }
        GODWIT_ASSERT(*used >= 1 && *used <= bytes.size());
        bytes = bytes.subspan(*used);
        GODWIT_ASSERT(parser.body_so_far().size() <= bounds.body_bytes_max);
        if (!parser.is_complete()) continue;
        out.requests.push_back(parser.take());
        GODWIT_ASSERT(!parser.has_begun());
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Outcome whole = read({data, size}, size);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
        const Outcome parts = read({data, size}, step);
        GODWIT_ASSERT(parts.refusal == whole.refusal);
        GODWIT_ASSERT(parts.requests.size() == whole.requests.size());
        for (std::size_t index = 0; index < whole.requests.size(); ++index) {
            GODWIT_ASSERT(parts.requests[index].path == whole.requests[index].path);
            GODWIT_ASSERT(parts.requests[index].body == whole.requests[index].body);
            GODWIT_ASSERT(parts.requests[index].keeps_open == whole.requests[index].keeps_open);
        }
    }
    return 0;
}
