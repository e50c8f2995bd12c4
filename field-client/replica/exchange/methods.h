/// The methods of the exchange side: enrolment, administration, sync, and what was parked.
///
/// Spec: replica-call, Administration and Exchange.
#pragma once

#include "field-client/replica/method.h"

namespace godwit {

std::span<const Method> administration_methods();  ///< roster, team, member, invite, revoke, grant.
std::span<const Method> exchange_methods();        ///< sync, parked, adopt.

/// Makes this store a replica: by a founding link, which makes the organisation, or an invitation,
/// which needs no server. Leaves the store unlocked. A store whose founding the server has not
/// confirmed takes its founding link (and its phrase) again.
/// Fails, with the folder as it was, with already_enrolled, malformed, wrong_parameters, what
/// Roster::accept_proof() says of the invitation, or what the server says against it.
Result<Json> enrol_method(Host& host, Store& store, const Json& parameters);

}  // namespace godwit
