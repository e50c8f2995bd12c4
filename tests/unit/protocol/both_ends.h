/// Two ends small enough to see through, kept in memory: what an exchange must carry, without the
/// formats it carries. A change is some text; a segment is [first, [text, …]]; every change makes
/// one record of its own.
#pragma once

#include <set>

#include "shared/protocol/replica_session.h"
#include "shared/protocol/server_session.h"

namespace godwit {

struct Log {
    ReplicaId replica;
    std::vector<Bytes> changes;
};

/// The server's parts over plain containers.
class MemoryServer final : public ServerParts {
public:
    static constexpr std::size_t records_per_answer = 3;

    EpochId epoch_now{{1}};
    std::map<LogId, Log> logs;
    std::vector<Bytes> statements;
    std::set<Bytes> keys;
    std::vector<std::pair<RecordId, LogId>> records;  ///< Position is index + 1.
    std::set<ReplicaId> retired, compromised;
    std::size_t parked{};
    std::set<RecordId> confirmed;

    EpochId epoch() override { return epoch_now; }
    std::int64_t clock_ms() override { return 5'000; }
    Standing standing(const ReplicaId& replica) override {
        if (compromised.count(replica) != 0) return Standing::compromised;
        return retired.count(replica) != 0 ? Standing::retired : Standing::member;
    }

    Result<void> accept_statements(const ReplicaId&, const Request& request,
                                   Answer& answer) override {
        for (const Bytes& statement : request.statements) {
            const bool is_bad = !statement.empty() && statement[0] == 'X';
            answer.verdicts.emplace_back();
            if (is_bad) answer.verdicts.back() = Error{ErrorCode::not_permitted, {}};
            if (is_bad || std::count(statements.begin(), statements.end(), statement) != 0)
                continue;
            statements.push_back(statement);
        }
        return ok();
    }

    Result<void> accept_keys(const ReplicaId&, const Request& request) override {
        keys.insert(request.keys.begin(), request.keys.end());
        return ok();
    }

    Result<void> accept_segments(const ReplicaId& replica, const Request& request,
                                 Answer& answer) override {
        Log& log = logs[request.log];
        log.replica = replica;
        for (const Bytes& segment : request.segments) TRY(accept(request, segment, log, answer));
        answer.head = head_of(log, log.changes.size());
        const bool is_behind = request.head.sequence <= log.changes.size();
        if (is_behind && !(head_of(log, request.head.sequence) == request.head)) {
            fork(answer, request.head.sequence == 0 ? 0 : request.head.sequence - 1);
        }
        return ok();
    }

    Result<void> confirm_erasures(const ReplicaId&, const Request& request,
                                  godwit::Answer&) override {
        confirmed.insert(request.erased.begin(), request.erased.end());
        return ok();
    }

    Result<void> feed(const ReplicaId&, const Request& request, Answer& answer) override {
        const TeamId team{{7}};
        const auto found = request.cursors.find(team);
        Position cursor = found == request.cursors.end() ? 0 : found->second;
        std::size_t sent = 0;
        for (; cursor < records.size(); ++cursor) {
            if (records[cursor].second == request.log) continue;
            if (sent++ == records_per_answer) break;
            answer.records.push_back({team, {records[cursor].first, cursor + 1, {}, {}, {}, {}}});
        }
        answer.has_more = cursor < records.size();
        answer.cursors[team] = cursor;
        for (std::size_t index = request.roster_cursor; index < statements.size(); ++index) {
            answer.statements.push_back(statements[index]);
        }
        answer.roster_cursor = statements.size();
        return ok();
    }

    static LogHead head_of(const Log& log, std::size_t count) {
        LogHead head{count, {}};
        for (std::size_t index = 0; index < count; ++index) {
            for (const std::uint8_t byte : log.changes[index]) {
                head.hash[0] = static_cast<std::uint8_t>(head.hash[0] * 31U + byte);
            }
        }
        return head;
    }

    static RecordId record_of(ByteView change) {
        RecordId record;
        std::memcpy(record.bytes.data(), change.data(), std::min<std::size_t>(16, change.size()));
        return record;
    }

private:
    static void fork(Answer& answer, Sequence after) {
        answer.is_forked = true;
        answer.forked_after = after;
    }

    Result<void> accept(const Request& request, const Bytes& segment, Log& log, Answer& answer) {
        cbor::Decoder in(segment);
        TRY(in.array_of(2));
        Sequence sequence = TRY(in.unsigned_integer());
        const std::size_t count = TRY(in.array());
        for (std::size_t index = 0; index < count; ++index, ++sequence) {
            const Bytes change = copy_of(TRY(in.bytes()));
            if (sequence > log.changes.size() + 1) return ok();  // A gap: the head says so.
            if (sequence <= log.changes.size()) {
                if (log.changes[sequence - 1] != change && !answer.is_forked)
                    fork(answer, sequence - 1);
                continue;
            }
            log.changes.push_back(change);
            if (compromised.count(log.replica) != 0) {
                ++parked;
                continue;
            }
            records.emplace_back(record_of(change), request.log);
        }
        return ok();
    }
};

/// A replica's store over plain containers.
class MemoryReplica final : public ReplicaOffer {
public:
    static constexpr std::size_t changes_per_segment = 2;

    ReplicaId replica;
    LogId log;
    std::vector<Bytes> changes;        ///< Of the current log.
    std::vector<Bytes> statements;     ///< Queued.
    std::vector<Bytes> keys;           ///< Queued.
    std::vector<Bytes> keys_of_words;  ///< Queued once it hears that it is compromised.
    std::vector<RecordId> erased;      ///< Queued.
    Cursors cursors;
    std::uint64_t roster_cursor{};
    EpochId epoch;
    Sequence delivered{};
    std::set<RecordId> received;
    std::vector<Bytes> roster;
    std::size_t absorbed{};
    bool wants_everything_again{};  ///< Its role changes with the next answer.

    explicit MemoryReplica(std::uint8_t number) {
        replica.bytes.fill(number);
        log.bytes.fill(number);
    }

    void capture(std::string_view text) { changes.push_back(copy_of(bytes_of(text))); }

    Result<Request> offer() override {
        Request request;
        request.clock_ms = 1'000 + static_cast<std::int64_t>(absorbed);
        request.log = log;
        request.head = MemoryServer::head_of({replica, changes}, changes.size());
        request.epoch = epoch;
        request.cursors = cursors;
        request.roster_cursor = roster_cursor;
        request.statements = statements;
        request.keys = keys;
        request.erased = erased;
        return request;
    }

    Result<void> add_segments(Request& request, Sequence after, std::size_t) override {
        // At most one segment a request, so that more than a few changes take several.
        if (after >= changes.size()) return ok();
        const std::size_t count = std::min(changes_per_segment, changes.size() - after);
        Bytes segment;
        cbor::Encoder out(segment);
        out.array(2).unsigned_integer(after + 1).array(count);
        for (std::size_t index = 0; index < count; ++index) out.bytes(changes[after + index]);
        request.segments.push_back(segment);
        return ok();
    }

    Result<void> absorb(const Request& request, const Answer& answer) override {
        ++absorbed;
        epoch = answer.epoch;
        if (answer.standing == Standing::compromised) {
            keys = request.segments.empty() ? std::vector<Bytes>() : keys_of_words;
            return ok();
        }
        std::vector<Bytes> refused;
        for (std::size_t index = 0; index < answer.verdicts.size(); ++index) {
            if (answer.verdicts[index]) refused.push_back(request.statements[index]);
        }
        statements = refused;  // Refused ones stay queued: the worst a store could do.
        keys.clear();
        erased.clear();
        for (const auto& [team, delta] : answer.records) received.insert(delta.record);
        for (const Bytes& statement : answer.statements) roster.push_back(statement);
        roster_cursor = answer.roster_cursor;
        cursors = answer.cursors;
        if (std::exchange(wants_everything_again, false)) cursors.clear();
        delivered = std::min<Sequence>(answer.head.sequence, changes.size());
        if (answer.is_forked || answer.head.sequence > changes.size()) start_again(answer);
        return ok();
    }

    Sequence delivered_through() override { return delivered; }

    std::size_t logs_opened{};

private:
    void start_again(const Answer& answer) {
        const auto kept =
            static_cast<std::ptrdiff_t>(answer.is_forked ? answer.forked_after : changes.size());
        changes.erase(changes.begin(), changes.begin() + kept);
        log.bytes[0] = static_cast<std::uint8_t>(0x80U + ++logs_opened);
        log.bytes[1] = static_cast<std::uint8_t>(answer.head.sequence);
        delivered = 0;
    }
};

}  // namespace godwit
