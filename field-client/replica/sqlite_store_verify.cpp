#include "field-client/replica/sqlite_store.h"

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "shared/seal/segment_signature.h"

namespace godwit {
namespace {

std::string name_of(const LogId& log, Sequence sequence) {
    return to_text(log) + ":" + std::to_string(sequence);
}

/// Notes `what` among the problems, unless `outcome` is a success.
template <typename T>
bool note_failure(Store::Verified& found, const Result<T>& outcome, const std::string& what) {
    if (outcome) return false;
    found.problems.push_back(what + ": " + std::string(facts(outcome.error().code).text));
    return true;
}

}  // namespace

Result<Store::Verified> SqliteStore::verify() {
    TRY(require_unlocked());
    TRY(write_back());
    drop_working_set();  // What is verified is what was written.
    Verified found;
    found.problems = TRY(database_->integrity_problems());

    std::vector<std::pair<LogId, Bytes>> logs;
    {
        Query rows = TRY(database_->prepare("SELECT log, sealed FROM change_log ORDER BY place"));
        while (TRY(rows.step())) {
            logs.emplace_back(TRY(rows.column_id<LogId>(0)), copy_of(rows.column_bytes(1)));
        }
    }
    if (logs.empty()) found.problems.emplace_back("there is no change log");
    for (const auto& [log, sealed] : logs) {
        const auto content = open("change_log", {log.view()}, sealed);
        const auto row = content ? row::decode_log(*content) : Result<row::LogRow>(content.error());
        if (note_failure(found, row, "the head of change log " + to_text(log))) continue;
        TRY(verify_log(log, *row, found));
    }
    TRY(verify_records(found));
    TRY(verify_rest(found));
    return found;
}

Result<void> SqliteStore::verify_log(const LogId& log, const row::LogRow& row, Verified& found) {
    const std::vector<Digest> hashes = TRY(verify_changes(log, found));
    const Sequence last = hashes.size() - 1;
    if (last != row.head.sequence || hashes.back() != row.head.hash) {
        found.problems.push_back("change log " + to_text(log) + " ends at " + std::to_string(last) +
                                 " and not where it should, at " +
                                 std::to_string(row.head.sequence));
    }
    return verify_segments(log, hashes, found);
}

/// Walks a log's changes and returns hash(0), hash(1), … as far as they go without a gap.
Result<std::vector<Digest>> SqliteStore::verify_changes(const LogId& log, Verified& found) {
    std::vector<Digest> hashes{empty_head(identity().replica, log).hash};
    Query rows = TRY(database_->prepare(
        "SELECT log, sequence, record, sealed FROM change WHERE log = ? ORDER BY sequence"));
    rows.bind(1, log);
    while (TRY(rows.step())) {
        ++found.changes;
        const Sequence sequence = TRY(rows.column_unsigned(1));
        const std::string name = "change " + name_of(log, sequence);
        if (sequence != hashes.size()) {
            found.problems.push_back(name + ": an earlier change is missing");
            break;
        }
        const auto change = read_change(rows);
        if (note_failure(found, change, name)) break;
        if (!change->body.empty()) {
            const auto decoded = decode_change(change->body);
            note_failure(found, decoded, name);
            if (sha256({change->body}) != change->digest) {
                found.problems.push_back(name + ": its bytes are not those it was saved with");
            }
            if (decoded && (decoded->sequence != sequence || decoded->record != change->record)) {
                found.problems.push_back(name + ": it stands in another one's place");
            }
        }
        hashes.push_back(chain(hashes.back(), change->record, change->digest));
    }
    return hashes;
}

Result<void> SqliteStore::verify_segments(const LogId& log, const std::vector<Digest>& hashes,
                                          Verified& found) {
    Query rows = TRY(
        database_->prepare("SELECT first, last, sealed FROM segment WHERE log = ? ORDER BY first"));
    rows.bind(1, log);
    Sequence expected = 1;
    while (TRY(rows.step())) {
        ++found.segments;
        const Sequence first = TRY(rows.column_unsigned(0));
        const Sequence last = TRY(rows.column_unsigned(1));
        const std::string name = "the segment from " + name_of(log, first);
        const auto content = open("segment", {log.view(), big_endian(first)}, rows.column_bytes(2));
        const auto segment =
            content ? decode_packed_segment(*content) : Result<Segment>(content.error());
        if (note_failure(found, segment, name)) continue;
        const bool is_in_place = segment->log == log && segment->first == first &&
                                 segment->last() == last && first == expected &&
                                 segment->replica == identity().replica;
        if (!is_in_place) found.problems.push_back(name + ": it does not join the one before");
        note_failure(found, godwit::verify(host_.cipher, *segment, identity().signing.public_key),
                     name);
        if (last >= hashes.size() || head_after(*segment).hash != hashes[last]) {
            found.problems.push_back(name + ": it holds other changes than the change log");
        }
        expected = last + 1;
    }
    return ok();
}

Result<void> SqliteStore::verify_records(Verified& found) {
    std::vector<RecordId> all;
    {
        Query rows = TRY(database_->prepare("SELECT record FROM record ORDER BY record"));
        all = TRY(ids(rows));
    }
    for (const RecordId& id : all) {
        ++found.records;
        const std::string name = "record " + to_text(id);
        const auto kept = read_record(id);
        if (note_failure(found, kept, name) || !*kept) continue;
        const StoredRecord& stored = **kept;
        if (stored.key && stored.key->record != id) {
            found.problems.push_back(name + ": its key statement is another record's");
        }
        note_failure(found, history(id), "the history of record " + to_text(id));
    }
    return ok();
}

Result<void> SqliteStore::verify_rest(Verified& found) {
    note_failure(found, exchange_state(), "the exchange state");
    note_failure(found, statements(), "the roster");
    note_failure(found, proof(), "the invitation's statements");
    note_failure(found, parked(), "the parked changes");
    std::vector<LogId> logs;
    {
        Query rows = TRY(database_->prepare("SELECT DISTINCT log FROM receipt"));
        while (TRY(rows.step())) logs.push_back(TRY(rows.column_id<LogId>(0)));
    }
    for (const LogId& log : logs) {
        note_failure(found, receipts(log, 0), "the receipts of change log " + to_text(log));
    }
    return ok();
}

}  // namespace godwit
