/// Finds what a parameter means: a record by the beginning of its id, a team or a member by id,
/// its beginning, or name.
///
/// Spec: replica-call.
#pragma once

#include <string>
#include <string_view>

#include "field-client/replica/session.h"

namespace godwit {

inline constexpr std::size_t id_digits_min = 4;

/// Fails with unknown_record, or wrong_parameters when the text could mean several or is too short.
Result<RecordId> find_record(const Session& session, std::string_view text);

/// Fails with unknown_team, or wrong_parameters when the text could mean several.
Result<TeamId> find_team(const Session& session, std::string_view text);

/// Fails with unknown_member, or wrong_parameters when the text could mean several.
Result<MemberId> find_member(const Session& session, std::string_view text);

/// Fails with unknown_replica, or wrong_parameters when the text could mean several.
Result<ReplicaId> find_replica(const Session& session, std::string_view text);

/// "log:sequence". Fails with wrong_parameters.
Result<Dot> parse_dot(std::string_view text);
std::string format_dot(const Dot& dot);

/// Names as this replica can open them; empty when it cannot.
std::string team_name(const Session& session, const TeamId& team);
std::string member_name(const Session& session, const MemberId& member);
std::string organisation_name(const Session& session);

std::string_view name_of(Role role);

}  // namespace godwit
