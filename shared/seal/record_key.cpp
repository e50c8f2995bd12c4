#include "shared/seal/record_key.h"

#include "shared/base/text.h"

namespace godwit {

namespace {

constexpr std::string_view domain = "godwit record key 1";
constexpr std::size_t box_bytes = RecordKey::size + Cipher::box_overhead_bytes;

Digest commitment_to(const Cipher& cipher, const RecordKey& key, const RecordId& record) {
    Bytes message = copy_of(bytes_of(domain));
    append(message, record.view());
    return cipher.keyed_hash(message, key.view());
}

Bytes signed_bytes(const RecordKeyStatement& statement) {
    Bytes out = copy_of(bytes_of(domain));
    append(out, statement.record.view());
    append(out, statement.team.view());
    append(out, statement.commitment);
    return out;
}

/// Epochs count a team's reader keys; other recipients have none.
bool has_epochs(Recipient recipient) {
    return recipient == Recipient::members || recipient == Recipient::supervisors;
}

}  // namespace

RecordKeyStatement state_record_key(const Cipher& cipher, const RecordKey& key,
                                    const RecordId& record, const TeamId& team,
                                    const ReplicaId& maker, const SigningSecretKey& signing_key) {
    RecordKeyStatement out{record, team, maker, commitment_to(cipher, key, record), {}};
    out.signature = cipher.sign(signed_bytes(out), signing_key);
    return out;
}

Result<void> verify(const Cipher& cipher, const RecordKeyStatement& statement,
                    const SigningPublicKey& maker_key) {
    if (!cipher.verify(signed_bytes(statement), statement.signature, maker_key)) {
        return Error{ErrorCode::bad_signature,
                     "the record key is not the one replica " + to_text(statement.maker) + " made"};
    }
    return ok();
}

Wrap wrap_for(const Cipher& cipher, const RecordKey& key, const RecordId& record,
              Recipient recipient, const std::array<std::uint8_t, 16>& recipient_id,
              std::uint64_t epoch, const BoxPublicKey& to) {
    GODWIT_ASSERT(has_epochs(recipient) == (epoch > 0));
    return Wrap{record, recipient, recipient_id, epoch, cipher.box(key.view(), to)};
}

Result<RecordKey> open_wrap(const Cipher& cipher, const Wrap& wrap, const BoxKeyPair& keys,
                            const RecordKeyStatement& statement) {
    if (wrap.record != statement.record) {
        return Error{ErrorCode::bad_key, "the wrap is of another record"};
    }
    Bytes opened = TRY(cipher.open_box(wrap.box, keys));
    if (opened.size() != RecordKey::size) {
        wipe(opened);
        return Error{ErrorCode::bad_key, "the wrap holds no record key"};
    }
    RecordKey key;
    std::memcpy(key.bytes.data(), opened.data(), opened.size());
    wipe(opened);
    if (!cipher.is_same_secret(commitment_to(cipher, key, wrap.record), statement.commitment)) {
        return Error{ErrorCode::bad_key, "the wrap holds another key than its maker committed to"};
    }
    return key;
}

void encode(cbor::Encoder& out, const RecordKeyStatement& statement) {
    out.array(5).id(statement.record).id(statement.team).id(statement.maker);
    out.bytes(statement.commitment).bytes(statement.signature);
}

Result<RecordKeyStatement> decode_record_key_statement(cbor::Decoder& in) {
    TRY(in.array_of(5));
    RecordKeyStatement out;
    out.record = TRY(in.id<RecordId>());
    out.team = TRY(in.id<TeamId>());
    out.maker = TRY(in.id<ReplicaId>());
    out.commitment = TRY(in.fixed<32>());
    out.signature = TRY(in.fixed<64>());
    return out;
}

void encode(cbor::Encoder& out, const Wrap& wrap) {
    out.array(5).id(wrap.record).unsigned_integer(static_cast<std::uint8_t>(wrap.recipient));
    out.bytes(wrap.recipient_id).unsigned_integer(wrap.epoch).bytes(wrap.box);
}

Result<Wrap> decode_wrap(cbor::Decoder& in) {
    TRY(in.array_of(5));
    Wrap out;
    out.record = TRY(in.id<RecordId>());
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
    out.box = copy_of(TRY(in.bytes()));
    if (!out.box.empty() && out.box.size() != box_bytes) {
        return Error{ErrorCode::malformed, "a wrap's box has another length"};
    }
    return out;
}

}  // namespace godwit
