/// Telling the server of an enrolment: first when it is made, or else with the next sync.
///
/// Spec: exchange §5, sealing §6.
#pragma once

#include "field-client/replica/exchange/server_link.h"
#include "shared/seal/roster.h"

namespace godwit {

/// This replica's enrolment statement, if the server has yet to confirm it.
Result<std::optional<Bytes>> unconfirmed_enrolment(Store& store);

/// Takes the whole roster that the server answers to the enrolment `own` with, in place of the
/// invitation's proof.
/// Fails with bad_key when it does not hold: then nothing changed.
Result<Roster> take_enrolment(Store& store, const Cipher& cipher, ByteView own, ByteView answer);

/// What tells a server that was restored from before this replica came who it is: the whole roster
/// held here, its own enrolment last. Fails with unknown_replica when there is none to tell.
Result<std::vector<Bytes>> enrolment_again(Store& store);

}  // namespace godwit
