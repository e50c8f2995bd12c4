/// The methods of the exchange side: enrolment, administration, sync, and what was parked.
///
/// Spec: replica-call, Administration and Exchange.
#pragma once

#include <memory>

#include "field-client/replica/errand.h"
#include "field-client/replica/method.h"

namespace godwit {

std::span<const Method> administration_methods();  ///< roster, team, member, invite, revoke, grant.
std::span<const Method> parking_methods();         ///< parked, adopt.

/// Makes this store a replica: by a founding link, which makes the organisation, or an invitation,
/// which needs no server. Leaves the store unlocked. A store whose founding the server has not
/// confirmed takes its founding link (and its phrase) again. Both must outlive the errand.
/// Fails, with the folder as it was, with already_enrolled, malformed, wrong_parameters, what
/// Roster::accept_proof() says of the invitation, or what the server says against it.
Result<std::unique_ptr<Errand>> begin_enrol(Host& host, Store& store, const Json& parameters);

/// Exchanges until both ends have what they need. `session` must outlive the errand.
/// Fails with not_founded or wrong_parameters; its outcome as Transport::post() does, with what
/// the server refuses, or when what it tells does not hold. What was absorbed before stays.
Result<std::unique_ptr<Errand>> begin_sync(Session& session, const Json& parameters);

}  // namespace godwit
