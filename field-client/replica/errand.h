/// What a method that asks the server is doing, cut at every post: whoever hosts the replica
/// carries what is to be posted, and other methods run until the answer is there. Nobody waits for
/// a bad road with a capture in hand.
///
///   begun ──next()──▶ a post under way ──take()──▶ … until next() wants nothing
///
/// Invariants
///   - Between two steps everything is durable: an errand that is dropped, with its program or by
///     locking, costs only time, as an answer that was lost does.
///   - Every step reads what is held now, not what was held when the post set out.
///
/// Spec: replica-call, Exchange; decisions/0030.
#pragma once

#include "field-client/replica/host.h"
#include "field-client/replica/json.h"

namespace godwit {

class Errand {
public:
    virtual ~Errand() = default;

    /// What to post now; nothing once it is done. Asked again before take(), the same.
    [[nodiscard]] virtual const Post* wanted() const = 0;

    /// Goes on with what came of it.
    virtual void take(const Heard& heard) = 0;

    /// Once it is done.
    virtual Result<Json> outcome() = 0;
};

}  // namespace godwit
