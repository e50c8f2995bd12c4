#include "field-client/replica/session.h"

#include <algorithm>

#include "field-client/replica/opened_record.h"
#include "shared/base/planted.h"
#include "shared/base/saturating.h"
#include "shared/change/hybrid_clock.h"

namespace godwit {
namespace {

Result<Roster> load_roster(const Host& host, Store& store) {
    Roster roster(host.cipher, store.identity().organisation);
    const std::vector<Bytes> proof = TRY(store.proof());
    const Error damage{ErrorCode::storage_corrupt, "the kept roster does not add up"};
    if (!proof.empty() && !roster.accept_proof(proof)) return damage;
    for (const Bytes& statement : TRY(store.statements())) {
        // Expiry was judged when the statement was first accepted.
        if (!roster.accept(statement, std::nullopt)) return damage;
    }
    return roster;
}

bool names(const std::vector<OpenOperation>& operations, std::uint32_t field) {
    return std::any_of(operations.begin(), operations.end(),
                       [&](const OpenOperation& each) { return each.field == field; });
}

/// Adds, for fields that stand together with one that is set, what is shown of those not named: so
/// that all of a group stand under one dot, and an amount never meets another one's currency.
Result<void> complete_groups(Session& session, const Intent& intent, const RecordType& type,
                             const StoredRecord& record, std::vector<OpenOperation>& operations) {
    const std::size_t given = operations.size();
    for (std::size_t index = 0; index < given; ++index) {
        const FieldSpec* set = type.field(operations[index].field);
        if (set == nullptr || set->together.empty()) continue;
        const OpenedRecord opened = open_record(session, intent.record, record,
                                                [&](const FieldSpec& spec, const FieldState&) {
                                                    return spec.together == set->together;
                                                });
        for (const auto& [number, field] : opened.fields) {
            if (names(operations, number)) continue;
            if (!field.is_readable()) return *opened.key_error;
            if (field.view.values.size() > 1) {
                return Error{ErrorCode::missing_field, std::string(set->name) +
                                                           " stands together with " +
                                                           std::string(field.spec->name) +
                                                           ", which has several values: give both"};
            }
            const Bytes* shown = field.shown();
            const bool says_nothing =
                shown == nullptr || *cbor::Decoder(*shown).peek() == cbor::Kind::null;
            if (!says_nothing) operations.push_back({number, OperationKind::set, *shown, {}});
        }
    }
    return ok();
}

Result<Operation> seal_operation(Session& session, const RecordId& id, const StoredRecord& record,
                                 const RecordType& type, OpenOperation open) {
    Operation operation;
    operation.field = open.field;
    operation.kind = open.kind;
    operation.removed = std::move(open.removed);
    std::sort(operation.removed.begin(), operation.removed.end());
    if (open.kind == OperationKind::remove || open.kind == OperationKind::erase) return operation;
    const FieldSpec* field = type.field(open.field);
    if (field == nullptr) return ErrorCode::unknown_field;
    operation.form = field->is_sealed ? Form::sealed : Form::open;
    operation.value = field->is_sealed ? TRY(seal_item(session, id, record, *field, open.item))
                                       : std::move(open.item);
    return operation;
}

}  // namespace

Session::Session(Host& with_host, Store& with_store, Roster with_roster)
    : host(with_host),
      store(with_store),
      roster(std::move(with_roster)),
      keys(with_host, with_store, roster) {}

Result<std::unique_ptr<Session>> Session::open(Host& host, Store& store) {
    Roster roster = TRY(load_roster(host, store));
    return std::unique_ptr<Session>(new Session(host, store, std::move(roster)));
}

Result<Role> Session::role_in(const TeamId& team) const {
    const Roster::ReplicaEntry* entry = roster.replica(self().replica);
    if (entry != nullptr && entry->revoked) return ErrorCode::replica_revoked;
    const auto role = roster.role(self().replica, team);
    if (!role) return Error{ErrorCode::not_permitted, "you have no place in this team"};
    return *role;
}

Result<StoredRecord> Session::record(const RecordId& id) const {
    auto found = TRY(store.record(id));
    if (!found) return ErrorCode::unknown_record;
    return std::move(*found);
}

Result<StoredRecord*> Session::load(const RecordId& id) const {
    StoredRecord* found = TRY(store.load(id));
    if (found == nullptr) return ErrorCode::unknown_record;
    return found;
}

Result<HybridTime> Session::provisional_time(HybridTime claimed) const {
    const ExchangeState exchange = TRY(store.exchange_state());
    return HybridTime{saturating_sum(claimed.wall_ms, counted_offset_ms(exchange.clock_offset_ms)),
                      claimed.tick};
}

Result<StoredRecord*> Session::begin_record(const Intent& intent, const RecordType& type) {
    StoredRecord fresh = StoredRecord::begun(intent.record_type, intent.team);
    // Of what is never sealed, nobody needs a key.
    const bool has_key = seals_anything(type);
    if (has_key) TRY(keys.make(intent.record, intent.team, fresh));
    TRY(store.save(intent.record, fresh));
    if (has_key) TRY(store.queue_key(intent.record));
    return store.load(intent.record);
}

Result<Dot> Session::write(Intent intent) {
    const RecordType* type = record_type(intent.record_type);
    if (type == nullptr) return ErrorCode::unknown_type;
    StoredRecord* kept = TRY(store.load(intent.record));
    if (kept != nullptr && kept->shown.is_erased) return ErrorCode::record_erased;

    Change change;
    change.role = TRY(role_in(kept != nullptr ? kept->shown.team : intent.team));
    if (change.role != Role::worker && change.role != Role::supervisor) {
        return Error{ErrorCode::not_permitted, "your role in this team reads and does not write"};
    }
    if (kept == nullptr) kept = TRY(begin_record(intent, *type));
    StoredRecord& record = *kept;
    std::vector<OpenOperation> operations = std::move(intent.operations);
    TRY(complete_groups(*this, intent, *type, record, operations));
    change.operations.reserve(operations.size());
    for (OpenOperation& operation : operations) {
        change.operations.push_back(
            TRY(seal_operation(*this, intent.record, record, *type, std::move(operation))));
    }
    change.time = HybridClock(host.wall, TRY(store.last_time())).now();
    change.schema_version = schema_version();
    change.record_type = record.shown.type;
    change.record = intent.record;
    change.team = record.shown.team;
    if (!is_planted(PlantedBug::context_forgotten)) change.context = record.shown.context();
    change.context.remove(TRY(store.log()));
    host.random.fill(change.salt);
    return issue(std::move(change), record);
}

Result<Dot> Session::issue(Change change, StoredRecord& record) {
    change.sequence = TRY(store.head()).sequence + 1;
    const Dot dot = TRY(store.append(change));
    Acceptance acceptance;
    acceptance.log = dot.log;
    acceptance.author = self().replica;
    acceptance.effective = TRY(provisional_time(change.time));
    record.wait_from(dot.sequence);
    apply(record.shown, change, acceptance);
    if (record.shown.is_erased) {
        TRY(carry_out_erasure(*this, change.record, record));
        return dot;
    }
    TRY(store.save(change.record, record));
    return dot;
}

Result<void> carry_out_erasure(Session& session, const RecordId& id, StoredRecord& record) {
    RecordState marker;
    marker.type = record.shown.type;
    marker.team = record.shown.team;
    marker.is_erased = true;
    record.show_base(std::move(marker));
    record.key.reset();
    record.wraps.clear();
    session.keys.forget(id);
    TRY(session.store.save(id, record));
    TRY(session.store.forget_history(id));
    TRY(session.store.erase_bodies(id));
    TRY(session.store.clear_queued_keys({id}));
    if (is_planted(PlantedBug::erasure_unconfirmed)) return ok();
    return session.store.queue_erased(id);
}

}  // namespace godwit
