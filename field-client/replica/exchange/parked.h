/// What the server kept and did not merge: listed, and adopted one by one.
///
/// Spec: exchange §7, replica-call.
#pragma once

#include "field-client/replica/json.h"
#include "field-client/replica/session.h"

namespace godwit {

Result<Json> parked_method(Session& session, const Json& parameters);

/// Issues a parked change again, as a supervisor of its team who vouches for it.
/// Fails with unknown_change, not_permitted, record_erased, or rule_does_not_allow when it was
/// adopted already or its body is gone.
Result<Json> adopt_method(Session& session, const Json& parameters);

}  // namespace godwit
