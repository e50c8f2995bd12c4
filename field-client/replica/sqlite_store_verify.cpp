#include "field-client/replica/sqlite_store.h"

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "shared/protocol/packed_segment.h"
#include "shared/seal/segment_signature.h"
#include "shared/sqlite/schema_shape.h"

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
    static const SchemaShape schema(replica_migrations());
    Verified found;
    found.problems = TRY(database_->integrity_problems());
    for (auto& problem : TRY(schema.problems(*database_))) {
        found.problems.push_back(std::move(problem));
    }

    const auto places = logs();
    note_failure(found, places, "the change logs");
    const std::vector<LogPlace> all = places ? **places : std::vector<LogPlace>();
    for (const LogPlace& log : all) {
        const auto row = read_log(log);
        if (note_failure(found, row, "the head of change log " + to_text(log.id))) continue;
        TRY(verify_log(log, *row, found));
    }
    TRY(verify_records(found));
    TRY(verify_rest(found));
    return found;
}

Result<void> SqliteStore::verify_log(const LogPlace& log, const row::LogRow& row, Verified& found) {
    const std::vector<Digest> hashes = TRY(verify_changes(log, found));
    const Sequence last = hashes.size() - 1;
    if (last != row.head.sequence || hashes.back() != row.head.hash) {
        found.problems.push_back("change log " + to_text(log.id) + " ends at " +
                                 std::to_string(last) + " and not where it should, at " +
                                 std::to_string(row.head.sequence));
    }
    return verify_segments(log.id, hashes, found);
}

/// Walks a log's changes and returns hash(0), hash(1), … as far as they go without a gap.
Result<std::vector<Digest>> SqliteStore::verify_changes(const LogPlace& log, Verified& found) {
    std::vector<Digest> hashes{empty_head(identity().replica, log.id).hash};
    const std::uint64_t end = TRY(end_of(log));
    Query rows = TRY(database_->prepare(
        "SELECT number, record, sealed FROM change WHERE number > ? AND number <= ? "
        "ORDER BY number"));
    rows.bind_all(log.before, end);
    while (TRY(rows.step())) {
        ++found.changes;
        const Sequence sequence = TRY(rows.column_unsigned(0)) - log.before;
        const std::string name = "change " + name_of(log.id, sequence);
        if (sequence != hashes.size()) {
            found.problems.push_back(name + ": an earlier change is missing");
            break;
        }
        const auto change = read_change(rows);
        if (note_failure(found, change, name)) break;
        if (!change->body.empty()) verify_change(*change, name, found);
        hashes.push_back(chain(hashes.back(), change->record, change->digest));
    }
    return hashes;
}

void SqliteStore::verify_change(const LoggedChange& change, const std::string& name,
                                Verified& found) const {
    const auto decoded = decode_change(change.body);
    note_failure(found, decoded, name);
    if (sha256({change.body}) != change.digest) {
        found.problems.push_back(name + ": its bytes are not those it was saved with");
    }
    if (!decoded) return;
    if (decoded->sequence != change.dot.sequence || decoded->record != change.record) {
        found.problems.push_back(name + ": it stands in another one's place");
    }
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
        const StoredRecord& stored = (*kept)->record;
        if (stored.key && stored.key->record != id) {
            found.problems.push_back(name + ": its key statement is another record's");
        }
    }
    return ok();
}

Result<void> SqliteStore::verify_rest(Verified& found) {
    note_failure(found, exchange_state(), "the exchange state");
    note_failure(found, statements(), "the roster");
    note_failure(found, proof(), "the invitation's statements");
    note_failure(found, parked(), "the parked changes");
    std::vector<RecordId> told;
    {
        Query rows = TRY(database_->prepare("SELECT DISTINCT record FROM history"));
        told = TRY(ids(rows));
    }
    for (const RecordId& id : told) {
        note_failure(found, history(id), "the history of record " + to_text(id));
    }
    for (const RecordId& id : TRY(kept_keys())) {
        note_failure(found, kept_key(id), "the kept key of record " + to_text(id));
    }
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
