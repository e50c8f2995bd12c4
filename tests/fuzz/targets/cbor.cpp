/// Items: what the checker takes, the readers read and the encoder writes again to the byte; what
/// it refuses, no reader takes.
#include "shared/change/cbor.h"

namespace {

using godwit::Bytes;
using godwit::ByteView;
using godwit::Result;
using godwit::cbor::Decoder;
using godwit::cbor::Encoder;
using godwit::cbor::Kind;

Result<void> rewrite(Decoder& in, Encoder& out, int depth);

Result<void> rewrite_map(Decoder& in, Encoder& out, int depth) {
    const std::size_t count = TRY(in.map());
    out.map(count);
    for (std::size_t left = count * 2; left > 0; --left) TRY(rewrite(in, out, depth + 1));
    return godwit::ok();
}

Result<void> rewrite_array(Decoder& in, Encoder& out, int depth) {
    const std::size_t count = TRY(in.array());
    out.array(count);
    for (std::size_t left = count; left > 0; --left) TRY(rewrite(in, out, depth + 1));
    return godwit::ok();
}

Result<void> rewrite(Decoder& in, Encoder& out, int depth) {
    if (depth > godwit::cbor::depth_max) return godwit::ErrorCode::too_deep;
    switch (TRY(in.peek())) {
        case Kind::unsigned_integer:
            out.unsigned_integer(TRY(in.unsigned_integer()));
            return godwit::ok();
        case Kind::negative_integer:
            out.integer(TRY(in.integer()));
            return godwit::ok();
        case Kind::bytes:
            out.bytes(TRY(in.bytes()));
            return godwit::ok();
        case Kind::text:
            out.text(TRY(in.text()));
            return godwit::ok();
        case Kind::boolean:
            out.boolean(TRY(in.boolean()));
            return godwit::ok();
        case Kind::null:
            TRY(in.null());
            out.null();
            return godwit::ok();
        case Kind::array:
            return rewrite_array(in, out, depth);
        case Kind::map:
            return rewrite_map(in, out, depth);
    }
    return godwit::ErrorCode::malformed;
}

/// Reads `bytes` as a map of ours; yields whether it is one.
bool is_own_map(ByteView bytes) {
    Decoder in(bytes);
    auto entries = godwit::cbor::MapReader::open(in);
    while (entries) {
        const auto key = entries->next();
        if (!key) return false;
        if (!*key) return static_cast<bool>(in.finish());
        if (!in.item()) return false;
    }
    return false;
}

/// Asks for every kind where another may stand: a refusal, and never more than that.
void ask_for_everything(ByteView bytes) {
    static_cast<void>(Decoder(bytes).unsigned_integer());
    static_cast<void>(Decoder(bytes).integer());
    static_cast<void>(Decoder(bytes).bytes());
    static_cast<void>(Decoder(bytes).text());
    static_cast<void>(Decoder(bytes).array_of(2));
    static_cast<void>(Decoder(bytes).map());
    static_cast<void>(Decoder(bytes).boolean());
    static_cast<void>(Decoder(bytes).null());
    static_cast<void>(Decoder(bytes).try_null());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    ask_for_everything(bytes);
    Bytes again;
    Encoder out(again);
    Decoder in(bytes);
    const bool is_rewritten = rewrite(in, out, 0) && in.finish();
    const auto checked = godwit::cbor::check(bytes);
    const bool is_item = static_cast<bool>(checked);
    // The readers leave the order of keys to MapReader; in all else they are as strict.
    GODWIT_ASSERT(!is_item || is_rewritten);
    if (is_rewritten) GODWIT_ASSERT(godwit::is_equal(again, bytes));
    // A map of ours is read entry by entry, and depth counted from each.
    if (is_own_map(bytes)) {
        GODWIT_ASSERT(is_item || checked.error().code == godwit::ErrorCode::too_deep);
    }
    return 0;
}
