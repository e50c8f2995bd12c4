#include "tests/unit/change/rewritten.h"

namespace godwit::samples {

Result<void> rewrite(cbor::Decoder& in, cbor::Encoder& out) {
    switch (TRY(in.peek())) {
        case cbor::Kind::unsigned_integer:
            out.unsigned_integer(TRY(in.unsigned_integer()));
            return ok();
        case cbor::Kind::negative_integer:
            out.integer(TRY(in.integer()));
            return ok();
        case cbor::Kind::bytes:
            out.bytes(TRY(in.bytes()));
            return ok();
        case cbor::Kind::text:
            out.text(TRY(in.text()));
            return ok();
        case cbor::Kind::array: {
            const std::size_t count = TRY(in.array());
            out.array(count);
            for (std::size_t left = count; left > 0; --left) TRY(rewrite(in, out));
            return ok();
        }
        case cbor::Kind::map: {
            const std::size_t count = TRY(in.map());
            out.map(count);
            for (std::size_t left = count * 2; left > 0; --left) TRY(rewrite(in, out));
            return ok();
        }
        case cbor::Kind::boolean:
            out.boolean(TRY(in.boolean()));
            return ok();
        case cbor::Kind::null:
            TRY(in.null());
            out.null();
            return ok();
    }
    return ErrorCode::malformed;
}

Result<Bytes> rewritten(ByteView item) {
    Bytes bytes;
    cbor::Decoder in(item);
    cbor::Encoder out(bytes);
    TRY(rewrite(in, out));
    TRY(in.finish());
    return bytes;
}

}  // namespace godwit::samples
