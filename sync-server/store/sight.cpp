#include "sync-server/store/sight.h"

#include <algorithm>

#include "shared/base/planted.h"
#include "shared/model/common_fields.h"

namespace godwit {
namespace {

void add_member(std::vector<MemberId>& out, cbor::Decoder& in) {
    const auto member = in.id<MemberId>();
    if (member) out.push_back(*member);
}

}  // namespace

Sight sight_of(const Roster& roster, const ReplicaId& replica, const TeamId& team) {
    const auto* entry = roster.replica(replica);
    if (entry == nullptr || team.is_zero()) return {};
    return {entry->member, roster.role(replica, team)};
}

std::vector<TeamId> teams_of(const Roster& roster, const ReplicaId& replica) {
    std::vector<TeamId> out;
    for (const Place& place : roster.places(replica)) {
        if (!place.team.is_zero()) out.push_back(place.team);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool may_see(std::uint32_t record_type, const std::vector<MemberId>& owners, const Sight& sight) {
    if (!sight.role) return false;
    if (is_planted(PlantedBug::everybody_sees)) return true;
    const bool is_unknown = godwit::record_type(record_type) == nullptr;
    if (is_unknown && is_planted(PlantedBug::unknown_type_told)) return true;
    const bool is_owner = std::binary_search(owners.begin(), owners.end(), sight.member);
    switch (audience_of(record_type)) {
        case Audience::members:
            return true;
        case Audience::supervisors:
            return is_owner || *sight.role == Role::supervisor;
        case Audience::owner:
            return is_owner;
    }
    return false;
}

std::vector<MemberId> owners_in(const RecordState& state) {
    std::vector<MemberId> out;
    const auto field = state.fields.find(common_field::owner);
    if (field == state.fields.end()) return out;
    for (const Sibling& sibling : field->second.siblings) {
        if (sibling.form != Form::open) continue;
        cbor::Decoder in(sibling.value);
        if (sibling.kind != OperationKind::settle) {
            add_member(out, in);
            continue;
        }
        const auto count = in.array();
        for (std::size_t index = 0; count && index < *count; ++index) add_member(out, in);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<MemberId> owners_set_by(const Change& change) {
    std::vector<MemberId> out;
    for (const Operation& operation : change.operations) {
        const bool is_owner = operation.field == common_field::owner &&
                              operation.kind == OperationKind::set && operation.form == Form::open;
        if (!is_owner) continue;
        cbor::Decoder in(operation.value);
        add_member(out, in);
    }
    return out;
}

}  // namespace godwit
