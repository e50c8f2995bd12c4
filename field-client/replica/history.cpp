#include "field-client/replica/history.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "field-client/replica/log_receipts.h"

namespace godwit {
namespace {

HistoryLine line_of(std::uint32_t number, const Sibling& sibling) {
    return {sibling.dot, sibling.author, sibling.claimed, sibling.effective,
            number,      sibling.kind,   sibling.form,    sibling.value};
}

/// Is the sibling what this replica said itself, and not what a copy of it said in the same place?
Result<bool> is_said_here(Session& session, const RecordId& id, const Sibling& sibling) {
    if (sibling.author != session.self().replica) return false;
    const auto record = TRY(session.store.record_of(sibling.dot));
    if (record != id) return false;
    // Only of a log that was given up can a copy have said another thing in the same place.
    if (sibling.dot.log == TRY(session.store.log())) return true;
    const auto logged = TRY(session.store.change(sibling.dot));
    if (!logged || logged->body.empty()) return true;
    const auto change = decode_change(logged->body);
    return change && change->time == sibling.claimed;
}

const Sibling* sibling_in(const RecordState& state, std::uint32_t number, const Dot& dot) {
    const auto field = state.fields.find(number);
    if (field == state.fields.end()) return nullptr;
    const std::vector<Sibling>& siblings = field->second.siblings;
    const auto at = std::find_if(siblings.begin(), siblings.end(),
                                 [&](const Sibling& each) { return each.dot == dot; });
    return at == siblings.end() ? nullptr : &*at;
}

/// The effective time of an own change: as a sibling of it says, else by the receipt that covers
/// it, else what it will be.
class OwnTimes {
public:
    OwnTimes(Session& session, const StoredRecord& record) : session_(session), record_(record) {}

    Result<HybridTime> of(const Change& change, const Dot& dot) {
        for (const Operation& operation : change.operations) {
            const Sibling* said = sibling_in(record_.shown, operation.field, dot);
            if (said != nullptr) return said->effective;
        }
        auto receipts = receipts_.try_emplace(dot.log, session_, dot.log).first;
        return receipts->second.time_of(dot.sequence, change.time);
    }

private:
    Session& session_;
    const StoredRecord& record_;
    std::map<LogId, LogReceipts> receipts_;
};

/// Sensitive.
struct Said {
    Dot dot;
    Change change;
};

/// The own changes of `id` that still have their words, but those that were issued again when
/// their log was given up. Each time the words move they name where they stood first.
Result<std::vector<Said>> own_words(Session& session, const RecordId& id) {
    std::vector<Said> said;
    std::map<Dot, Dot> moved;  // From where words stood first to where they stand now.
    for (const LoggedChange& logged : TRY(session.store.changes_of(id))) {
        if (logged.body.empty()) continue;
        said.push_back({logged.dot, TRY(decode_change(logged.body))});
        const auto& cites = said.back().change.cites;
        if (cites && cites->dot.log != logged.dot.log) moved[cites->dot] = logged.dot;
    }
    std::erase_if(said, [&](const Said& each) {
        const auto& cites = each.change.cites;
        const auto later = moved.find(cites ? cites->dot : each.dot);
        const bool has_moved_on = later != moved.end() && later->second != each.dot;
        return has_moved_on || moved.contains(each.dot);
    });
    return said;
}

/// Lines, each said once. What a copy of this replica said in the same place has another time.
/// Sensitive.
class Lines {
public:
    void add(HistoryLine line) {
        if (known_.emplace(line.dot, line.claimed, line.field, line.kind).second) {
            lines_.push_back(std::move(line));
        }
    }
    [[nodiscard]] std::vector<HistoryLine> take() { return std::move(lines_); }

private:
    std::set<std::tuple<Dot, HybridTime, std::uint32_t, OperationKind>> known_;
    std::vector<HistoryLine> lines_;
};

}  // namespace

Result<std::vector<HistoryLine>> history_of(Session& session, const RecordId& id,
                                            const StoredRecord& record) {
    Lines lines;
    if (record.shown.is_erased) return lines.take();
    OwnTimes times(session, record);
    for (Said& said : TRY(own_words(session, id))) {
        const HybridTime effective = TRY(times.of(said.change, said.dot));
        for (Operation& operation : said.change.operations) {
            lines.add({said.dot, session.self().replica, said.change.time, effective,
                       operation.field, operation.kind, operation.form,
                       std::move(operation.value)});
        }
    }
    for (const auto& [number, field] : record.base().fields) {
        for (const Sibling& sibling : field.siblings) lines.add(line_of(number, sibling));
    }
    for (HistoryLine& line : TRY(session.store.history(id))) lines.add(std::move(line));
    return lines.take();
}

Result<void> keep_what_leaves(Session& session, const RecordId& id, const RecordState& before,
                              const RecordState& after) {
    std::vector<HistoryLine> lines;
    for (const auto& [number, field] : before.fields) {
        for (const Sibling& sibling : field.siblings) {
            const Sibling* left = sibling_in(after, number, sibling.dot);
            if (left != nullptr && left->value == sibling.value) continue;
            if (TRY(is_said_here(session, id, sibling))) continue;
            lines.push_back(line_of(number, sibling));
        }
    }
    return session.store.add_history(id, lines);
}

}  // namespace godwit
