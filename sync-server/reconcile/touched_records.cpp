#include "sync-server/reconcile/touched_records.h"

#include <algorithm>
#include <random>

#include "shared/base/planted.h"
#include "shared/model/common_fields.h"
#include "sync-server/store/epoch_table.h"
#include "sync-server/store/sight.h"

namespace godwit {
namespace {

void trace(RecordRow& row, std::uint32_t field, const LogId& log, Position position) {
    FieldTrace& trace = row.fields[field];
    if (log.is_zero()) {
        trace.before = position;
    } else if (trace.position > 0 && trace.log != log) {
        trace.before = trace.position;
    }
    trace.log = log;
    trace.position = position;
}

void trace_keys(RecordRow& row, const LogId& log, Position position) {
    if (log.is_zero() || row.keys_log != log) row.keys_before = row.keys_position;
    if (log.is_zero()) row.keys_before = position;
    row.keys_log = log;
    row.keys_position = position;
}

/// Records of a type that seals nothing have none.
bool may_have_keys(std::uint32_t type) {
    const RecordType* known = record_type(type);
    return known == nullptr || seals_anything(*known);
}

std::array<std::uint64_t, 2> halves_by_chance() {
    std::random_device chance;
    std::array<std::uint64_t, 2> halves{};
    for (std::uint64_t& half : halves) half = std::uint64_t{chance()} << 32U | chance();
    return halves;
}

void replace_owners(RecordRow& row, std::vector<MemberId> owners) {
    std::vector<MemberId> once = row.former_owners;
    once.insert(once.end(), row.owners.begin(), row.owners.end());
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    std::erase_if(once, [&](const MemberId& member) {
        return std::binary_search(owners.begin(), owners.end(), member);
    });
    row.former_owners = std::move(once);
    row.owners = std::move(owners);
}

}  // namespace

// Two halves, each hidden, folded by one long multiplication.
std::size_t IdHash::operator()(const RecordId& id) const {
    static const std::array<std::uint64_t, 2> secret = halves_by_chance();
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), id.bytes.data(), sizeof halves);
    __extension__ using Product = unsigned __int128;
    const Product product = Product{halves[0] ^ secret[0]} * (halves[1] ^ secret[1]);
    return static_cast<std::size_t>(product ^ (product >> 64U));
}

void TouchedRecord::note_changed(const std::vector<std::uint32_t>& fields, const LogId& log) {
    for (const std::uint32_t field : fields) {
        const auto [found, is_first] = changed.emplace(field, log);
        if (!is_first && found->second != log) found->second = LogId{};
        // An erased record stays in sight of those who had it, so that they erase it too.
        if (field == common_field::owner && !state.is_erased) {
            replace_owners(row, owners_in(state));
        }
    }
}

void TouchedRecord::note_former_owners(const std::vector<MemberId>& named) {
    if (state.is_erased) return;
    for (const MemberId& member : named) {
        if (std::binary_search(row.owners.begin(), row.owners.end(), member)) continue;
        std::vector<MemberId>& former = row.former_owners;
        const auto place = std::lower_bound(former.begin(), former.end(), member);
        if (place == former.end() || *place != member) former.insert(place, member);
        changed[common_field::owner] = LogId{};
    }
}

Result<TouchedRecord*> TouchedRecords::get(const RecordId& id) {
    const auto found = records_.find(id);
    if (found != records_.end()) return &found->second;
    TouchedRecord record;
    auto stored = TRY(load_record(database_, id));
    record.is_new = !stored.has_value();
    if (stored) {
        record.row = std::move(stored->row);
        record.state = std::move(stored->state);
        record.bytes = stored->bytes;
    }
    record.row.id = id;
    order_.push_back(id);
    return &records_.emplace(id, std::move(record)).first->second;
}

std::vector<RecordId> TouchedRecords::newly_erased() const {
    std::vector<RecordId> out;
    for (const RecordId& id : order_) {
        if (records_.at(id).is_newly_erased) out.push_back(id);
    }
    return out;
}

Result<Position> TouchedRecords::next_position(const TeamId& team) {
    auto found = positions_.find(team);
    if (found == positions_.end()) {
        found = positions_.emplace(team, TRY(team_position(database_, team))).first;
    }
    return ++found->second;
}

Result<std::uint64_t> TouchedRecords::save(const LogId& keys_log) {
    std::uint64_t count = 0;
    for (const RecordId& id : order_) {
        TouchedRecord& record = records_.at(id);
        // Keys may come before their record does; it finds them when it is made.
        const bool has_row = !record.is_new || !record.changed.empty();
        const bool is_touched =
            !record.changed.empty() || record.has_new_keys || record.has_new_confirmation;
        if (!has_row || !is_touched) continue;
        TRY(save(record, keys_log));
        ++count;
    }
    for (const auto& [team, position] : positions_) {
        TRY(save_team_position(database_, team, position));
    }
    return count;
}

Result<void> TouchedRecords::save(TouchedRecord& record, const LogId& keys_log) {
    RecordRow& row = record.row;
    row.team = record.state.team;
    row.type = record.state.type;
    if (record.is_new || !is_planted(PlantedBug::position_stays)) {
        row.position = TRY(next_position(row.team));
    }
    if (record.is_newly_erased) {
        row.is_erased = true;
        row.fields.clear();
        // Whoever ever had it is told to erase it too.
        row.owners.insert(row.owners.end(), row.former_owners.begin(), row.former_owners.end());
        std::sort(row.owners.begin(), row.owners.end());
        row.former_owners.clear();
    }
    for (const auto& [field, log] : record.changed) trace(row, field, log, row.position);
    if (record.has_new_keys) trace_keys(row, keys_log, row.position);
    // Whose they are that came before their record is not known any more.
    if (record.is_new && !record.has_new_keys && may_have_keys(row.type)) {
        trace_keys(row, LogId{}, row.position);
    }
    if (record.has_new_confirmation) row.confirmed_position = row.position;
    return save_record(database_, row, encode_state(record.state), record.is_new);
}

}  // namespace godwit
