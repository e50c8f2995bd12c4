#include "shared/merge/digest.h"

#include <tuple>

#include "shared/base/assert.h"

namespace godwit {

namespace {

constexpr std::size_t row_bytes = RecordId::size + std::tuple_size_v<Digest>;

}  // namespace

void StateDigest::add(const RecordId& record, ByteView encoded_state) {
    if (!rows_.empty()) {
        const ByteView last = ByteView(rows_).last(row_bytes).first(RecordId::size);
        GODWIT_ASSERT(text_of(last) < text_of(record.view()));
    }
    append(rows_, record.view());
    append(rows_, sha256({encoded_state}));
}

Digest StateDigest::finish() const {
    return sha256({rows_});
}

}  // namespace godwit
