#include "shared/seal/wrap.h"

namespace godwit {

namespace {

constexpr std::string_view label = "godwit wrap 2";
constexpr std::uint8_t format = 2;
constexpr std::size_t first_format_bytes = RecordKey::size + Cipher::box_overhead_bytes;
constexpr std::size_t box_bytes = 1 + BoxPublicKey::size + RecordKey::size + Cipher::tag_bytes;

/// Epochs count a team's reader keys; other recipients have none.
bool has_epochs(Recipient recipient) {
    return recipient == Recipient::members || recipient == Recipient::supervisors;
}

WrappingKey derive(const Cipher& cipher, const SharedSecret& shared, const BoxPublicKey& ephemeral,
                   const WrapAddress& to) {
    Bytes message = copy_of(bytes_of(label));
    append(message, ephemeral.view());
    append(message, to.key.view());
    message.push_back(static_cast<std::uint8_t>(to.recipient));
    append(message, to.recipient_id);
    append(message, big_endian(to.epoch));
    Digest derived = cipher.keyed_hash(message, shared.view());
    WrappingKey key;
    key.bytes = derived;
    wipe(derived);
    return key;
}

std::span<const std::uint8_t, Cipher::nonce_bytes> nonce_of(const RecordKeyStatement& statement) {
    return std::span(statement.commitment).first<Cipher::nonce_bytes>();
}

BoxPublicKey ephemeral_of(const Wrap& wrap) {
    BoxPublicKey key;
    std::memcpy(key.bytes.data(), wrap.box.data() + 1, BoxPublicKey::size);
    return key;
}

void encode(cbor::Encoder& out, const Wrap& wrap) {
    out.array(4).unsigned_integer(static_cast<std::uint8_t>(wrap.recipient));
    out.bytes(wrap.recipient_id).unsigned_integer(wrap.epoch).bytes(wrap.box);
}

bool can_be_box(ByteView box) {
    if (box.empty() || box.size() == first_format_bytes) return true;
    return box.size() == box_bytes && box.front() == format;
}

Result<Wrap> read_wrap(cbor::Decoder& in, const RecordId& record) {
    TRY(in.array_of(4));
    Wrap out;
    out.record = record;
    const std::uint64_t recipient = TRY(in.unsigned_integer());
    if (recipient < 1 || recipient > 4) {
        return Error{ErrorCode::malformed, "a wrap's recipient is of no known kind"};
    }
    out.recipient = static_cast<Recipient>(recipient);
    out.recipient_id = TRY(in.fixed<16>());
    out.epoch = TRY(in.unsigned_integer());
    if (has_epochs(out.recipient) != (out.epoch > 0)) {
        return Error{ErrorCode::malformed, "a wrap's epoch does not go with its recipient"};
    }
    const ByteView box = TRY(in.bytes());
    if (!can_be_box(box)) return Error{ErrorCode::malformed, "a wrap's box is of no known format"};
    out.box = copy_of(box);
    return out;
}

Result<std::vector<Wrap>> read_wraps(cbor::Decoder& in, const RecordId& record) {
    std::vector<Wrap> out;
    while (!in.is_at_end()) out.push_back(TRY(read_wrap(in, record)));
    return out;
}

}  // namespace

bool is_same_recipient(const Wrap& left, const Wrap& right) {
    return left.recipient == right.recipient && left.recipient_id == right.recipient_id &&
           left.epoch == right.epoch;
}

Wrap WrapMaker::wrap(const RecordKey& key, const RecordKeyStatement& statement,
                     const WrapAddress& to) {
    GODWIT_ASSERT(has_epochs(to.recipient) == (to.epoch > 0));
    auto found = wrapping_keys_.find(to);
    if (found == wrapping_keys_.end()) {
        const auto shared = cipher_.agree(keys_.secret_key, to.key);
        // The roster lets in no key that is_usable() refuses.
        GODWIT_ASSERT(shared);
        found = wrapping_keys_.emplace(to, derive(cipher_, *shared, keys_.public_key, to)).first;
    }
    Wrap out{statement.record, to.recipient, to.recipient_id, to.epoch, {}};
    out.box.reserve(box_bytes);
    out.box.push_back(format);
    append(out.box, keys_.public_key.view());
    append(out.box, cipher_.seal_at(nonce_of(statement), key.view(), statement.record.view(),
                                    found->second.bytes));
    return out;
}

Result<const WrappingKey*> WrapOpener::wrapping_key(const Wrap& wrap, const BoxKeyPair& keys) {
    const BoxPublicKey ephemeral = ephemeral_of(wrap);
    const WrapAddress to{wrap.recipient, wrap.recipient_id, wrap.epoch, keys.public_key};
    const auto place = std::make_pair(ephemeral, to);
    if (const auto found = wrapping_keys_.find(place); found != wrapping_keys_.end()) {
        return &found->second;
    }
    const auto shared = cipher_.agree(keys.secret_key, ephemeral);
    if (!shared) return Error{ErrorCode::cannot_open, "the wrap is to nobody"};
    return &wrapping_keys_.emplace(place, derive(cipher_, *shared, ephemeral, to)).first->second;
}

Result<Bytes> WrapOpener::open_box(const Wrap& wrap, const BoxKeyPair& keys,
                                   const RecordKeyStatement& statement) {
    if (wrap.box.size() == first_format_bytes) return cipher_.open_box(wrap.box, keys);
    if (wrap.box.size() != box_bytes || wrap.box.front() != format) {
        return Error{ErrorCode::cannot_open, "the wrap is withdrawn, or of no known format"};
    }
    const WrappingKey* key = TRY(wrapping_key(wrap, keys));
    return cipher_.open_at(nonce_of(statement), ByteView(wrap.box).subspan(1 + BoxPublicKey::size),
                           wrap.record.view(), key->bytes);
}

Result<RecordKey> WrapOpener::open(const Wrap& wrap, const BoxKeyPair& keys,
                                   const RecordKeyStatement& statement) {
    if (wrap.record != statement.record) {
        return Error{ErrorCode::bad_key, "the wrap is of another record"};
    }
    Bytes opened = TRY(open_box(wrap, keys, statement));
    RecordKey key;
    const bool is_key = opened.size() == RecordKey::size;
    if (is_key) std::memcpy(key.bytes.data(), opened.data(), opened.size());
    wipe(opened);
    if (!is_key) return Error{ErrorCode::bad_key, "the wrap holds no record key"};
    if (!is_committed_to(cipher_, statement, key)) {
        return Error{ErrorCode::bad_key, "the wrap holds another key than its maker committed to"};
    }
    return key;
}

Wrap wrap_for(const Cipher& cipher, Random& random, const RecordKey& key,
              const RecordKeyStatement& statement, const WrapAddress& to) {
    return WrapMaker(cipher, random).wrap(key, statement, to);
}

Result<RecordKey> open_wrap(const Cipher& cipher, const Wrap& wrap, const BoxKeyPair& keys,
                            const RecordKeyStatement& statement) {
    return WrapOpener(cipher).open(wrap, keys, statement);
}

Bytes encode_wraps(std::span<const Wrap> wraps) {
    Bytes bytes;
    bytes.reserve(wraps.size() * (box_bytes + 24));
    cbor::Encoder out(bytes);
    for (const Wrap& wrap : wraps) encode(out, wrap);
    return bytes;
}

Result<std::vector<Wrap>> decode_wraps(ByteView bytes, const RecordId& record) {
    cbor::Decoder in(bytes);
    return read_wraps(in, record);
}

Bytes encode_wraps_of(const RecordId& record, std::span<const Wrap> wraps) {
    Bytes bytes;
    bytes.reserve(24 + wraps.size() * (box_bytes + 24));
    cbor::Encoder out(bytes);
    out.id(record);
    for (const Wrap& wrap : wraps) encode(out, wrap);
    return bytes;
}

Result<std::vector<Wrap>> decode_wraps_of(ByteView bytes) {
    cbor::Decoder in(bytes);
    const auto record = TRY(in.id<RecordId>());
    std::vector<Wrap> wraps = TRY(read_wraps(in, record));
    if (wraps.empty()) return Error{ErrorCode::malformed, "a record without a wrap"};
    return wraps;
}

}  // namespace godwit
