/// The methods behind `call`, as tables: each part of the replica brings its own, the dispatcher
/// looks a name up in all of them.
///
/// Spec: replica-call.
#pragma once

#include <span>

#include "field-client/replica/json.h"
#include "field-client/replica/session.h"

namespace godwit {

/// A method of an unlocked replica. `parameters` is an object. What it changes it changes in a
/// transaction of its own, so that a refusal leaves everything as it was.
struct Method {
    std::string_view name;
    Result<Json> (*run)(Session& session, const Json& parameters);
};

std::span<const Method> store_methods();    ///< status, digest, verify.
std::span<const Method> capture_methods();  ///< Those that write records.
std::span<const Method> view_methods();     ///< Those that read records.
std::span<const Method> review_methods();   ///< conflicts, resolve, review.

/// `list`, one of them.
Result<Json> list_method(Session& session, const Json& given);

/// Methods that need no unlocked store.
Result<Json> types_method(const Json& parameters);
Result<Json> vocabulary_method(const Json& parameters);

/// Runs `work` in one transaction of the session's store and returns what it returns.
template <typename Work>
Result<Json> in_transaction(Session& session, Work work) {
    Json out;
    TRY(session.store.transaction([&]() -> Result<void> {
        out = TRY(work());
        return ok();
    }));
    return out;
}

}  // namespace godwit
