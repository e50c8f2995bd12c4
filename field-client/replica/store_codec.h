/// The layouts of the local store's rows, before they are sealed. They are of this machine alone:
/// nothing else reads them, and a migration may change them.
///
///   identity = [ 1, replica, member, organisation, organisation key, signing public key,
///                signing secret key, box public key, box secret key,
///                null | [root public key, root secret key], url, null | pin ]
///   exchange = [ epoch, cursors, cursors of teams told in part, roster cursor, parked cursor,
///                nonce, delivered, safe, null | last contact ms, clock offset ms, standing,
///                must offer all ]                  cursors = [team, position, …]
///   log      = [ head sequence, head hash, wall_ms, tick ]
///   change   = [ digest, body ]                       body is empty once erased
///   record   = [ 2, shown, null | base, null | key statement, wraps, [replica, …] ]
///            | [ 2, …, erasure ]                      erased, and told so
///                shown and base are packed encode_state(); base is null when it is shown; the key
///                statement as encode_statement(), wraps as encode_wraps()
///            | [ base, null | shown, null | key, [wrap, …], [replica, …] ]
///                as schema 0001 wrote it: not packed, shown null when it is base
///   history  = [ [dot, author, wall_ms, tick, effective wall_ms, effective tick, field, kind,
///                form, value], … ]
///   parked   = [ number, dot, author, record, team, reason, detail, body, null | adopted ]
///   kept key = list of key statement, wraps
///   list     = [ bytes, … ]
///
/// Every decode fails with storage_corrupt when the bytes are no such row: what could be opened
/// was written by this program, so anything else is damage.
///
/// Spec: local-store.
#pragma once

#include "field-client/replica/store.h"

namespace godwit::row {

/// What a change log's row says: its newest point, and the newest time used in it.
struct LogRow {
    LogHead head;
    HybridTime last;
};

Bytes encode(const Identity& identity);
Result<Identity> decode_identity(ByteView bytes);

Bytes encode(const ExchangeState& state);
Result<ExchangeState> decode_exchange(ByteView bytes);

Bytes encode(const LogRow& row);
Result<LogRow> decode_log(ByteView bytes);

/// Sensitive.
struct ChangeRow {
    Digest digest{};
    Bytes body;
};
Bytes encode(const ChangeRow& row);
Result<ChangeRow> decode_change_row(ByteView bytes);

/// The record's row, and its shown state packed: both ends of a save that leaves it as it is.
/// Sensitive.
struct RecordRow {
    StoredRecord record;
    Bytes shown;
};
Bytes pack_state(ByteView state);
Bytes encode(const StoredRecord& record, ByteView packed_shown);
inline Bytes encode(const RecordRow& row) {
    return encode(row.record, row.shown);
}
/// `waiting_from` is the caller's to set: it stands in a column.
Result<RecordRow> decode_record(ByteView bytes);

Bytes encode(const std::vector<HistoryLine>& lines);
Result<std::vector<HistoryLine>> decode_history(ByteView bytes);

Bytes encode(const ParkedItem& item);
Result<ParkedItem> decode_parked(ByteView bytes);

Bytes encode(const KeptKey& kept);
Result<KeptKey> decode_kept_key(ByteView bytes, const RecordId& record);

Bytes encode(const std::vector<Bytes>& list);
Result<std::vector<Bytes>> decode_list(ByteView bytes);

}  // namespace godwit::row
