#include "tests/simulation/evidence.h"

#include "sync-server/store/change_log_table.h"
#include "sync-server/store/engine.h"
#include "sync-server/store/erasure_table.h"
#include "sync-server/store/key_table.h"
#include "sync-server/store/parked_table.h"
#include "sync-server/store/record_table.h"
#include "sync-server/store/roster_table.h"

namespace godwit::simulation {
namespace {

/// Reads one log: the changes that are its own, then those of branches.
class LogReader {
public:
    LogReader(Database& database, const LogRow& row, Evidence& out)
        : database_(database), row_(row), out_(out) {}

    Result<void> read() {
        receipts_ = TRY(receipts_after(database_, row_.log, 0));
        TRY(each_segment(database_, row_.log, 0, [&](const SegmentRow& segment) -> Result<bool> {
            TRY(add(segment));
            return true;
        }));
        return each_branch(database_, row_.log, [&](const SegmentRow& segment) -> Result<bool> {
            TRY(add(segment));
            return true;
        });
    }

private:
    Result<void> add(const SegmentRow& row) {
        Sequence sequence = row.segment.first;
        for (const Entry& entry : row.segment.entries) {
            HeldChange held;
            held.dot = {row_.log, sequence++};
            held.author = row_.replica;
            held.record = entry.record;
            held.digest = entry.digest;
            held.is_branch = row.is_branch;
            const bool is_known = !row.is_branch && held.dot.sequence <= last_;
            if (is_known) continue;
            // A branch begins with what the log shares with it.
            if (row.is_branch && is_of_log(held)) continue;
            if (!row.is_branch) last_ = held.dot.sequence;
            if (!entry.is_erased()) {
                if (auto change = decode_change(entry.body)) held.change = *std::move(change);
            }
            TRY(take_receipt(held));
            if (held.change) out_.by_salt[held.change->salt].push_back(out_.changes.size());
            digests_.emplace(held.dot, held.digest);
            out_.changes.push_back(std::move(held));
        }
        return ok();
    }

    [[nodiscard]] bool is_of_log(const HeldChange& held) const {
        const auto [from, end] = digests_.equal_range(held.dot);
        for (auto at = from; at != end; ++at) {
            if (at->second == held.digest) return true;
        }
        return false;
    }

    Result<void> take_receipt(HeldChange& held) {
        if (held.is_branch || !held.change) return ok();
        for (const ReceiptRow& row : receipts_) {
            if (row.after >= held.dot.sequence || row.through < held.dot.sequence) continue;
            held.receipt = TRY(decode_receipt(row.bytes));
            held.effective = effective_time(held.change->time, *held.receipt);
            held.mark = row.mark;
        }
        return ok();
    }

    using Entry = godwit::Entry;
    Database& database_;
    const LogRow& row_;
    Evidence& out_;
    std::vector<ReceiptRow> receipts_;
    std::multimap<Dot, Digest> digests_;
    Sequence last_{};
};

Result<void> read_parked(Database& database, Evidence& out) {
    std::map<std::pair<Dot, Digest>, std::size_t> places;
    for (std::size_t index = 0; index < out.changes.size(); ++index) {
        places.emplace(std::pair(out.changes[index].dot, out.changes[index].digest), index);
    }
    return each_parked(database, 0, [&](const ParkedRow& row) -> Result<bool> {
        const auto found = places.find({row.item.dot, row.digest});
        if (found == places.end()) {
            return Error{ErrorCode::storage_corrupt, "a parked change is in no segment"};
        }
        HeldChange& held = out.changes[found->second];
        held.parked = row.item.reason;
        held.adopted = row.item.adopted;
        return true;
    });
}

Result<void> read_records(Database& database, Evidence& out) {
    RecordCursor cursor = TRY(RecordCursor::all(database));
    while (TRY(cursor.next())) {
        HeldRecord record;
        record.team = cursor.row().team;
        record.type = cursor.row().type;
        record.is_erased = cursor.row().is_erased;
        record.owners = cursor.row().owners;
        record.encoded = TRY(cursor.state());
        record.state = TRY(decode_state(record.encoded));
        if (record.is_erased) {
            record.confirmed = TRY(confirmations(database, cursor.row().id));
        }
        out.records.emplace(cursor.row().id, std::move(record));
    }
    return ok();
}

Result<void> read_keys(Database& database, Evidence& out) {
    std::optional<Error> fault;
    TRY(each_record_keys(database, [&](const RecordId& id, const Result<RecordKeys>& keys) {
        if (!keys) {
            fault = keys.error();
            return;
        }
        out.with_keys.push_back(id);
        out.keys.emplace(id, keys->statement);
        for (const Wrap& wrap : keys->wraps) {
            if (wrap.recipient == Recipient::recovery) out.recovery_wraps.emplace(id, wrap);
        }
    }));
    if (fault) return *fault;
    return ok();
}

}  // namespace

bool Evidence::is_erased(const RecordId& id) const {
    const auto found = records.find(id);
    return found != records.end() && found->second.is_erased;
}

Result<Evidence> read_evidence(ServerStore& store) {
    Evidence out;
    const Engine::Reading reading = TRY(store.engine().read());
    Database& database = reading.database();
    for (const LogRow& row : TRY(all_logs(database))) {
        TRY(LogReader(database, row, out).read());
    }
    TRY(read_parked(database, out));
    TRY(read_records(database, out));
    TRY(read_keys(database, out));
    return out;
}

Result<HeldNames> read_held_names(ServerStore& store) {
    const Evidence evidence = TRY(read_evidence(store));
    HeldNames out;
    for (const auto& [salt, places] : evidence.by_salt) out.salts.insert(salt);
    for (const HeldChange& held : evidence.changes) {
        if (!held.is_branch) out.heads[held.dot.log] = held.dot.sequence;
    }
    return out;
}

Result<std::vector<Statement>> read_statements(ServerStore& store) {
    std::vector<Statement> out;
    const Engine::Reading reading = TRY(store.engine().read());
    TRY(each_statement(reading.database(), 0, [&](std::uint64_t, ByteView bytes) -> Result<bool> {
        out.push_back(TRY(decode_statement(bytes)));
        return true;
    }));
    return out;
}

Result<std::optional<RecordState>> read_state(ServerStore& store, const RecordId& record) {
    const Engine::Reading reading = TRY(store.engine().read());
    auto stored = TRY(load_record(reading.database(), record));
    if (!stored) return std::optional<RecordState>();
    return std::optional<RecordState>(std::move(stored->state));
}

}  // namespace godwit::simulation
