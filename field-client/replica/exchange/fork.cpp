#include "field-client/replica/exchange/fork.h"

#include <algorithm>
#include <map>

#include "field-client/replica/exchange/former_logs.h"
#include "field-client/replica/history.h"
#include "field-client/replica/opened_record.h"
#include "shared/base/planted.h"
#include "shared/change/field_value.h"

namespace godwit {

namespace {

/// Where changes of the old branch stand now.
struct Moved {
    LogId from;
    Sequence from_through{};  ///< The last of `from` that both ends have.
    LogId to;
    std::map<Sequence, Sequence> places;

    [[nodiscard]] bool is_of_branch(const Dot& dot) const {
        return dot.log == from && dot.sequence > from_through;
    }
    /// The new place of a dot of the branch; nothing for one that was erased on the way.
    [[nodiscard]] std::optional<Dot> place_of(const Dot& dot) const {
        const auto found = places.find(dot.sequence);
        if (found == places.end()) return std::nullopt;
        return Dot{to, found->second};
    }
    [[nodiscard]] std::vector<Dot> translate(const std::vector<Dot>& dots) const {
        std::vector<Dot> out;
        for (const Dot& dot : dots) {
            if (!is_of_branch(dot))
                out.push_back(dot);
            else if (const auto place = place_of(dot))
                out.push_back(*place);
        }
        std::sort(out.begin(), out.end());
        return out;
    }
    [[nodiscard]] Context translate(const Context& context) const {
        Context out = context;
        const Sequence seen = context.through(from);
        out.cap(from, from_through);
        // The greatest place that moved from within what was seen.
        const auto end = places.upper_bound(seen);
        if (seen > from_through && end != places.begin()) out.add({to, std::prev(end)->second});
        return out;
    }
};

/// A review value names the context an approval is about: [state, null | context].
Result<Bytes> translate_review(const Moved& moved, ByteView item) {
    cbor::Decoder in(item);
    TRY(in.array_of(2));
    const std::string state(TRY(in.text()));
    Bytes out;
    cbor::Encoder encoder(out);
    encoder.array(2).text(state);
    if (TRY(in.try_null())) {
        encoder.null();
    } else {
        encode(encoder, moved.translate(TRY(decode_context(in))));
    }
    TRY(in.finish());
    return out;
}

/// An event names, under one key, the events its author had seen.
Result<Bytes> translate_event(const Moved& moved, ByteView item) {
    cbor::Decoder in(item);
    const std::size_t count = TRY(in.map());
    Bytes out;
    cbor::Encoder encoder(out);
    encoder.map(count);
    for (std::size_t index = 0; index < count; ++index) {
        const std::uint64_t key = TRY(in.unsigned_integer());
        encoder.unsigned_integer(key);
        if (key != event_cites_key) {
            encoder.raw(TRY(in.item()));
            continue;
        }
        std::vector<Dot> dots;
        for (std::size_t left = TRY(in.array()); left > 0; --left) {
            dots.push_back(TRY(decode_dot(in)));
        }
        dots = moved.translate(dots);
        encoder.array(dots.size());
        for (const Dot& dot : dots) encode(encoder, dot);
    }
    TRY(in.finish());
    return out;
}

/// The value with the dots it names translated, or nothing when it names none or is not to be read
/// here: then it stands as it was said.
std::optional<Bytes> translate_value(Session& session, const Moved& moved, const RecordId& id,
                                     const StoredRecord& record, const FieldSpec& field,
                                     const Operation& operation) {
    const bool is_review = field.type == ValueType::review;
    if (!is_review && field.type != ValueType::event) return std::nullopt;
    if (operation.kind == OperationKind::settle || operation.value.empty()) return std::nullopt;
    const auto item =
        open_item(session, id, record, operation.field, operation.form, operation.value);
    if (!item) return std::nullopt;
    const auto translated =
        is_review ? translate_review(moved, *item) : translate_event(moved, *item);
    if (!translated || is_equal(*translated, *item)) return std::nullopt;
    auto sealed = seal_item(session, id, record, field, *translated);
    if (!sealed) return std::nullopt;
    return *std::move(sealed);
}

/// Translates every dot of the old branch that the operations name. A removal of nothing that is
/// left falls away.
void translate_operations(Session& session, const Moved& moved, const StoredRecord& record,
                          Change& change) {
    const RecordType* type = record_type(change.record_type);
    for (Operation& operation : change.operations) {
        operation.removed = moved.translate(operation.removed);
        const FieldSpec* field = type == nullptr ? nullptr : type->field(operation.field);
        if (field == nullptr) continue;
        auto value = translate_value(session, moved, change.record, record, *field, operation);
        if (value) operation.value = *std::move(value);
    }
    std::erase_if(change.operations, [](const Operation& operation) {
        return operation.kind == OperationKind::remove && operation.removed.empty();
    });
}

/// Issues one change of the branch again; the record's last change before it stands in the store.
Result<void> issue_again(Session& session, Moved& moved, const LoggedChange& logged) {
    if (logged.body.empty()) return ok();  // Erased: there is nothing to be said again.
    const Change change = TRY(decode_change(logged.body));
    Change again = reissue(change, moved.from, moved.from_through, logged.digest);
    auto record = TRY(session.store.record(change.record));
    if (!record) record = StoredRecord::begun(change.record_type, change.team);
    // Of the new log so far the author had seen exactly what it had seen of the branch.
    const Sequence before = TRY(session.store.head()).sequence;
    again.context.remove(moved.to);
    again.context.add({moved.to, before});
    if (!is_planted(PlantedBug::fork_untranslated)) {
        translate_operations(session, moved, *record, again);
    }
    if (again.operations.empty()) return ok();
    const Dot place = TRY(session.issue(std::move(again), *record));
    moved.places.emplace(logged.dot.sequence, place.sequence);
    return ok();
}

/// Does the state hold changes of `log` after `after`? What was delivered says it not for sure: a
/// restored server may have lowered that since.
bool has_any(const RecordState& state, const LogId& log, Sequence after) {
    return std::any_of(state.fields.begin(), state.fields.end(), [&](const auto& each) {
        const auto& entries = each.second.seen.entries();
        return std::any_of(entries.begin(), entries.end(), [&](const Context::Entry& entry) {
            return entry.log == log && entry.through > after;
        });
    });
}

/// Takes the branch out of a record's history and states; what is issued again enters anew.
Result<void> take_out(Session& session, ExchangeState& state, const Moved& moved,
                      const RecordId& id, bool was_in_base, const ParkedDots& parked) {
    auto record = TRY(session.store.record(id));
    if (!record || record->base().is_erased) return ok();
    if (was_in_base) {
        const Dot without{moved.from, moved.from_through};
        TRY(begin_base_anew(session, state, id, *record, parked, without));
    } else {
        record->show_base(RecordState(record->base()));
    }
    TRY(session.store.save(id, *record));
    std::vector<HistoryLine> lines = TRY(session.store.history(id));
    const auto cut = std::remove_if(lines.begin(), lines.end(), [&](const HistoryLine& line) {
        return moved.is_of_branch(line.dot);
    });
    if (cut == lines.end()) return ok();
    lines.erase(cut, lines.end());
    TRY(session.store.forget_history(id));
    return session.store.add_history(id, lines);
}

/// The changes of a branch, and of their records whether a base may hold any of them.
struct Branch {
    std::vector<LoggedChange> changes;
    std::map<RecordId, bool> records;
};

Result<void> issue_branch_again(Session& session, ExchangeState& state, Moved& moved,
                                const Branch& branch, const ParkedDots& parked) {
    TRY(session.store.open_log(moved.to));
    state.delivered = 0;
    state.safe = 0;
    state.is_log_closed = false;
    for (const auto& [id, was_in_base] : branch.records) {
        TRY(take_out(session, state, moved, id, was_in_base, parked));
    }
    for (const LoggedChange& logged : branch.changes) {
        if (&logged == &branch.changes.back() && is_planted(PlantedBug::fork_drops_last)) break;
        TRY(issue_again(session, moved, logged));
    }
    return ok();
}

}  // namespace

Result<void> open_branch(Session& session, ExchangeState& state, Sequence common, Sequence held,
                         const ParkedDots& parked) {
    Moved moved;
    moved.from = TRY(session.store.log());
    moved.to = session.host.random.id<LogId>();
    const LogHead head = TRY(session.store.head());
    moved.from_through = std::min(common, head.sequence);
    Branch branch;
    branch.changes = TRY(session.store.changes(moved.from, moved.from_through, head.sequence));
    for (const LoggedChange& logged : branch.changes) {
        bool& was_in_base = branch.records[logged.record];
        was_in_base = was_in_base || logged.dot.sequence <= state.delivered;
    }
    // What receipts cover enters the bases while its log is still the newest.
    const Sequence covered = std::min(state.delivered, moved.from_through);
    for (auto& [id, was_in_base] : branch.records) {
        StoredRecord* record = TRY(session.store.load(id));
        if (record == nullptr) continue;
        was_in_base = was_in_base || has_any(record->base(), moved.from, moved.from_through);
        if (was_in_base || !record->has_waiting()) continue;
        TRY(enter_covered(session, id, *record, covered, parked));
        TRY(session.store.save(id, *record));
    }
    TRY(note_left(session, state, moved.from_through, held));
    return issue_branch_again(session, state, moved, branch, parked);
}

Result<void> issue_former_again(Session& session, ExchangeState& state, const Stretch& former,
                                const ParkedDots& parked) {
    Moved moved;
    moved.from = former.log;
    moved.from_through = former.after;
    moved.to = session.host.random.id<LogId>();
    Branch branch;
    branch.changes = TRY(session.store.changes(former.log, former.after, former.through));
    for (const LoggedChange& logged : branch.changes) branch.records[logged.record] = true;
    const Sequence through = TRY(session.store.head()).sequence;
    TRY(note_left(session, state, through, through));
    return issue_branch_again(session, state, moved, branch, parked);
}

}  // namespace godwit
