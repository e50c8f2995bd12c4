#include "sync-server/store/verification.h"

#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/seal/erasure_proof.h"
#include "shared/seal/segment_signature.h"
#include "shared/sqlite/schema_shape.h"
#include "sync-server/store/change_log_table.h"
#include "sync-server/store/erasure_table.h"
#include "sync-server/store/key_table.h"
#include "sync-server/store/parked_table.h"
#include "sync-server/store/record_table.h"
#include "sync-server/store/roster_table.h"
#include "sync-server/store/sight.h"

namespace godwit {
namespace {

/// What SQLite finds wrong with its file, and the tables we do not.
Result<std::vector<std::string>> file_problems(Database& database) {
    static const SchemaShape schema(server_migrations());
    std::vector<std::string> problems = TRY(database.integrity_problems());
    for (std::string& problem : TRY(schema.problems(database))) {
        problems.push_back(std::move(problem));
    }
    return problems;
}

class Verification {
public:
    Verification(Database& database, const Cipher& cipher, const Progress& progress)
        : database_(database), cipher_(cipher), progress_(progress) {}

    Result<VerifyReport> run() {
        for (auto& problem : TRY(file_problems(database_))) note(std::move(problem));
        auto roster = load_roster(database_, cipher_);
        if (!roster) {
            note(roster.error().detail);
            return std::move(report_);
        }
        roster_ = std::move(roster).value();
        const auto logs = TRY(all_logs(database_));
        for (const LogRow& row : logs) total_ += row.head.sequence;
        for (const LogRow& row : logs) TRY(check_log(row));
        TRY(check_proofs());
        TRY(check_records());
        TRY(check_keys());
        if (TRY(keys_of_erased_count(database_)) > 0) note("an erased record still has a key");
        return std::move(report_);
    }

private:
    /// The changes that one receipt covers.
    struct Range {
        Receipt receipt;
        Mark mark{Mark::none};
    };

    /// One change log on the way through it.
    struct Walk {
        const LogRow& row;
        const SigningPublicKey& key;
        LogHead head;                                    ///< As far as segments have shown.
        std::vector<Range> ranges;                       ///< End to end.
        std::size_t range{};                             ///< The one that covers the head.
        std::set<std::pair<Sequence, Digest>> promised;  ///< The chain as receipts state it.
        std::set<std::pair<Sequence, Digest>> parked;
    };

    void note(std::string problem) { report_.problems.push_back(std::move(problem)); }

    Result<void> check_log(const LogRow& row) {
        const std::string name = "change log " + to_text(row.log);
        const auto* replica = roster_ ? roster_->replica(row.replica) : nullptr;
        if (replica == nullptr) {
            note(name + " is of a replica the roster does not know");
            return ok();
        }
        Walk walk{row, replica->keys.signing, empty_head(row.replica, row.log), {}, 0, {}, {}};
        for (const ParkedRow& parked : TRY(parked_of(database_, row.log, 0, row.head.sequence))) {
            walk.parked.emplace(parked.item.dot.sequence, parked.digest);
        }
        TRY(check_receipts(walk, name));
        check_safe_mark(row, name);
        TRY(each_segment(database_, row.log, 0, [&](const SegmentRow& held) -> Result<bool> {
            return check_segment(walk, held.segment, name);
        }));
        if (walk.head != row.head) note(name + " does not reach its head");
        if (!walk.promised.empty()) note(name + " is not what its receipts were given for");
        return each_branch(database_, row.log, [&](const SegmentRow& held) -> Result<bool> {
            ++report_.segments;
            if (!verify(cipher_, held.segment, walk.key)) {
                note(name + ": a branch is not what its replica signed");
            }
            return true;
        });
    }

    Result<void> check_receipts(Walk& walk, const std::string& name) {
        Sequence through = 0;
        for (const ReceiptRow& row : TRY(receipts_after(database_, walk.row.log, 0))) {
            auto receipt = decode_receipt(row.bytes);
            if (!receipt || !verify(cipher_, *receipt, roster_->founding().server) ||
                receipt->log != walk.row.log || receipt->replica != walk.row.replica ||
                receipt->after != row.after || receipt->through != row.through) {
                note(name + " has a receipt that is not this server's");
                continue;
            }
            if (receipt->after != through) note(name + " has receipts with a gap");
            through = receipt->through;
            walk.promised.emplace(through, receipt->hash);
            walk.ranges.push_back({*receipt, row.mark});
        }
        if (through != walk.row.head.sequence) note(name + " has changes without a receipt");
        return ok();
    }

    void check_safe_mark(const LogRow& row, const std::string& name) {
        const auto mark = load_safe_mark(database_, row.log);
        if (mark && !mark->has_value()) return;
        if (!mark || !verify(cipher_, **mark, roster_->founding().server) ||
            (*mark)->log != row.log || (*mark)->through > row.head.sequence) {
            note(name + " has a safe mark that is not this server's");
        }
    }

    Result<bool> check_segment(Walk& walk, const Segment& segment, const std::string& name) {
        ++report_.segments;
        const bool begins_in_place = segment.first <= walk.head.sequence + 1 &&
                                     segment.last() > walk.head.sequence &&
                                     segment.replica == walk.row.replica;
        if (!begins_in_place || hash_at(segment, walk.head.sequence) != walk.head.hash) {
            note(name + " is broken after change " + std::to_string(walk.head.sequence));
            return false;
        }
        if (!verify(cipher_, segment, walk.key)) {
            note(name + ": the segment from change " + std::to_string(segment.first) +
                 " is not what its replica signed");
        }
        const auto known = static_cast<std::size_t>(walk.head.sequence + 1 - segment.first);
        for (std::size_t index = known; index < segment.entries.size(); ++index) {
            const Entry& entry = segment.entries[index];
            walk.head = {walk.head.sequence + 1, chain(walk.head.hash, entry)};
            check_entry(walk, entry, name);
        }
        if (progress_) progress_(report_.changes, total_);
        return true;
    }

    /// What covers the change at the walk's head; null when nothing does.
    static const Range* covering(Walk& walk) {
        while (walk.range < walk.ranges.size() &&
               walk.ranges[walk.range].receipt.through < walk.head.sequence) {
            ++walk.range;
        }
        if (walk.range == walk.ranges.size()) return nullptr;
        const Range& range = walk.ranges[walk.range];
        return range.receipt.after < walk.head.sequence ? &range : nullptr;
    }

    void check_entry(Walk& walk, const Entry& entry, const std::string& name) {
        ++report_.changes;
        walk.promised.erase({walk.head.sequence, walk.head.hash});
        const Sequence sequence = walk.head.sequence;
        if (walk.parked.contains({sequence, entry.digest})) return;
        if (entry.is_erased()) {
            blanked_.insert(entry.record);
            return;
        }
        const auto change = decode_change(entry.body);
        if (!change || change->sequence != sequence) {
            note(name + ": change " + std::to_string(sequence) + " should have been parked");
            return;
        }
        const Range* range = covering(walk);
        if (range == nullptr) return;  // Told already, with the receipts.
        if (!is_erasing(*change)) spoken_.insert(change->record);
        apply(states_[change->record], *change,
              {walk.row.log, walk.row.replica, effective_time(change->time, range->receipt),
               range->mark});
    }

    /// What others showed of erasures whose change is not held here.
    Result<void> check_proofs() {
        return each_erasure_proof(database_, [&](const RecordId& record, ByteView segment) {
            const auto proof = roster_ ? read_erasure_proof(cipher_, *roster_, segment)
                                       : Result<ErasureProof>(ErrorCode::unproven);
            if (!proof || proof->change.record != record) {
                return note("record " + to_text(record) + ": what shows its erasure does not");
            }
            apply(states_[record], proof->change, {proof->log, proof->author, {}, Mark::none});
        });
    }

    Result<void> check_records() {
        RecordCursor cursor = TRY(RecordCursor::all(database_));
        while (TRY(cursor.next())) {
            ++report_.records;
            const RecordId& id = cursor.row().id;
            const std::string name = "record " + to_text(id);
            const auto merged = states_.find(id);
            if (merged == states_.end()) {
                note(name + " has no changes");
                continue;
            }
            const RecordRow& row = cursor.row();
            const RecordState& state = merged->second;
            const bool is_as_told = row.type == state.type && row.team == state.team &&
                                    row.is_erased == state.is_erased &&
                                    (row.is_erased || row.owners == owners_in(state));
            const auto held = cursor.state();
            if (!is_as_told || !held || !is_equal(encode_state(state), *held)) {
                note(name + " is not what its changes merge to");
            }
            if (merged->second.is_erased && spoken_.contains(id)) {
                note(name + " is erased, and yet the body of a change is held");
            }
            if (!merged->second.is_erased && blanked_.contains(id)) {
                note(name + " is not erased, and yet the body of a change is gone");
            }
            states_.erase(merged);
        }
        for (const auto& [id, state] : states_) note("record " + to_text(id) + " is missing");
        return ok();
    }

    /// What vouches for keys; wraps are nothing to the server but bytes.
    Result<void> check_keys() {
        RecordKeyVerifier verifier;
        return each_record_keys(
            database_, [&](const RecordId& record, const Result<RecordKeys>& keys) {
                const std::string name = "the keys of record " + to_text(record);
                if (!keys) return note(name + " do not read");
                const auto* maker = roster_ ? roster_->replica(keys->statement.maker) : nullptr;
                if (maker == nullptr) return note(name + " are nobody's");
                if (!verifier.verify(cipher_, keys->statement, maker->keys.signing)) {
                    note(name + " are not vouched for");
                }
            });
    }

    Database& database_;
    const Cipher& cipher_;
    const Progress& progress_;
    std::optional<Roster> roster_;
    VerifyReport report_;
    std::uint64_t total_{};
    std::map<RecordId, RecordState> states_;
    std::set<RecordId> spoken_;   ///< Some change other than an erasure has its body.
    std::set<RecordId> blanked_;  ///< Some change has lost its body.
};

}  // namespace

Result<VerifyReport> verify_everything(Database& database, const Cipher& cipher,
                                       const Progress& progress) {
    return Verification(database, cipher, progress).run();
}

Result<void> verify_chains(Database& database, const Cipher& cipher) {
    const auto problems = TRY(file_problems(database));
    if (!problems.empty()) return Error{ErrorCode::storage_corrupt, problems.front()};
    TRY(load_roster(database, cipher));
    for (const LogRow& row : TRY(all_logs(database))) {
        LogHead head = empty_head(row.replica, row.log);
        TRY(each_segment(database, row.log, 0, [&](const SegmentRow& held) -> Result<bool> {
            const Segment& segment = held.segment;
            const bool continues = segment.first <= head.sequence + 1 &&
                                   segment.last() > head.sequence &&
                                   hash_at(segment, head.sequence) == head.hash;
            if (continues) head = head_after(segment);
            return continues;
        }));
        if (head != row.head) {
            return Error{ErrorCode::storage_corrupt, "change log " + to_text(row.log) +
                                                         " is broken after change " +
                                                         std::to_string(head.sequence)};
        }
    }
    return ok();
}

}  // namespace godwit
