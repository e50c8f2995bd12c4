/// An item read with Decoder's readers and written again with Encoder: equal to the bytes read
/// exactly when encoder and decoder agree on the one form an item has.
#pragma once

#include "shared/change/cbor.h"

namespace godwit::samples {

/// Fails as the readers fail.
Result<void> rewrite(cbor::Decoder& in, cbor::Encoder& out);

/// The whole of `item`, which is one item. Fails as above, or with trailing_bytes.
Result<Bytes> rewritten(ByteView item);

}  // namespace godwit::samples
