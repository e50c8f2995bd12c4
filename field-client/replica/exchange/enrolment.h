/// Telling the server of an enrolment that was made without it.
///
/// Spec: exchange §5, sealing §6.
#pragma once

#include "field-client/replica/exchange/server_link.h"
#include "shared/seal/roster.h"

namespace godwit {

/// Sends this replica's enrolment statement when it still waits, and takes the whole roster the
/// server answers with in place of the invitation's proof. Nothing to do is a success.
/// Fails with what the server refuses, or bad_key when its roster does not hold: then nothing
/// changed.
Result<void> tell_enrolment(Store& store, Roster& roster, const Cipher& cipher, ServerLink& server);

/// Tells a server that was restored from before this replica came who it is: the whole roster held
/// here, its own enrolment last. Fails with unknown_replica when there is none to tell, or with
/// what the server refuses.
Result<void> tell_enrolment_again(Store& store, ServerLink& server);

}  // namespace godwit
