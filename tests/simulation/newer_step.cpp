// Changes of a newer schema, as a replica that was upgraded first would make them: fields, kinds
// and types that nobody else here knows. They must pass byte for byte.

#include "field-client/replica/session.h"
#include "shared/change/hybrid_clock.h"
#include "shared/model/common_fields.h"
#include "tests/simulation/steps.h"

namespace godwit::simulation {
namespace {

constexpr std::uint32_t newest_field = 910;  // Nobody comes to know these.
constexpr std::uint32_t newest_type = 79;
constexpr auto newer_kind = static_cast<OperationKind>(12);

Bytes text_item(std::string_view text) {
    Bytes item;
    cbor::Encoder(item).text(text);
    return item;
}

Bytes number_item(std::uint64_t number) {
    Bytes item;
    cbor::Encoder(item).unsigned_integer(number);
    return item;
}

std::vector<Operation> newer_operations(World& world, const Session& session, bool is_new_record) {
    const std::uint64_t said = ++world.said_count;
    std::vector<Operation> out;
    if (is_new_record) {
        Bytes owner;
        cbor::Encoder(owner).id(session.self().member);
        out.push_back({common_field::owner, OperationKind::set, Form::open, owner, {}});
        out.push_back({later::field, OperationKind::set, Form::open, number_item(said), {}});
        return out;
    }
    const OperationKind kind = world.chance.one_in(3) ? newer_kind : OperationKind::set;
    if (world.chance.one_in(2)) {
        out.push_back({later::field, kind, Form::open, number_item(said), {}});
    } else {
        const Bytes words = text_item("newer-" + std::to_string(said));
        out.push_back({newest_field, kind, Form::open, words, {}});
    }
    return out;
}

/// As Session::write() makes a change, but for what it says.
Result<void> write_newer_change(World& world, Session& session, const RecordNote* note) {
    const RecordId id = note != nullptr ? note->id : session.host.random.record_id();
    if (note == nullptr) {
        TeamId team;
        for (const Place& place : session.roster.places(session.self().replica)) {
            if (!place.team.is_zero()) team = place.team;
        }
        TRY(session.store.save(id, StoredRecord::begun(newest_type, team)));
    }
    StoredRecord* record = TRY(session.store.load(id));
    if (record == nullptr) return ErrorCode::unknown_record;
    if (record->shown.is_erased) return ErrorCode::record_erased;
    Change change;
    change.role = TRY(session.role_in(record->shown.team));
    // Whoever only reads in a team writes nothing there with a newer program either.
    if (change.role != Role::worker && change.role != Role::supervisor) {
        return ErrorCode::not_permitted;
    }
    change.time = HybridClock(session.host.wall, TRY(session.store.last_time())).now();
    change.schema_version = schema_version() + 1;
    change.record_type = record->shown.type;
    change.record = id;
    change.team = record->shown.team;
    change.context = record->shown.context();
    change.context.remove(TRY(session.store.log()));
    change.operations = newer_operations(world, session, note == nullptr);
    session.host.random.fill(change.salt);
    TRY(session.issue(std::move(change), *record));
    return ok();
}

}  // namespace

void write_newer(World& world, Person& person) {
    const RecordNote* note = nullptr;
    if (!world.chance.one_in(3)) {
        const auto seen = look_at_some_record(world, person);
        if (!seen) return;
        note = seen->note;
    }
    Entry entry;
    entry.method = "newer";
    if (note != nullptr) entry.record = note->id;
    const auto outcome = world.say_with(person, std::move(entry), [&](Session& session) {
        return session.store.transaction([&] { return write_newer_change(world, session, note); });
    });
    static_cast<void>(static_cast<bool>(outcome));
}

}  // namespace godwit::simulation
