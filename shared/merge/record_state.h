/// The state of a record: for every field the siblings that nothing has superseded, each under its
/// dot, and what of each change log the field has seen.
///
/// Invariants
///   - A field's `seen` and `seen_early` together hold exactly the dots that were applied to it or
///     superseded on it; its siblings are the applied ones that nothing superseded. So a state is
///     a function of the set of changes applied, in whatever order the logs were interleaved.
///   - `seen_early` holds removed dots that have not arrived yet: empty unless a server was
///     restored, or a bundle overtook another.
///   - Everything is sorted (fields by number, siblings by dot) and encodes to one byte string.
///
/// Contexts stand on fields, not on the record: a delta of some fields can then be merged without
/// the others, and a change that arrives late still counts on the fields nobody had overwritten.
/// See decisions/0001.
///
/// Spec: merge §1–3. Source: Almeida et al., Scalable and Accurate Causality Tracking (2014);
/// Almeida et al., Delta State Replicated Data Types (2018).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "shared/change/change.h"

namespace godwit {

/// Circumstances of acceptance that a reader should see. Bits; never reused.
enum class Mark : std::uint8_t { none = 0, after_retirement = 1 };

/// One value of a field, with who said it and when.
/// Sensitive.
struct Sibling {
    Dot dot;
    ReplicaId author;
    Role role{Role::worker};
    OperationKind kind{OperationKind::set};
    Form form{Form::open};
    Mark mark{Mark::none};
    HybridTime claimed;
    HybridTime effective;  ///< Breaks ties; computed once by the server that received the change.
    Bytes value;           ///< One encoded CBOR item.

    bool operator==(const Sibling&) const = default;
};

/// Sensitive.
struct FieldState {
    Context seen;
    std::vector<Dot> seen_early;    ///< Ascending; none covered by `seen`.
    std::vector<Sibling> siblings;  ///< By dot, ascending; each covered by `seen`.

    bool operator==(const FieldState&) const = default;

    /// Was `dot` applied here, or superseded before it arrived?
    [[nodiscard]] bool has_seen(const Dot& dot) const;

    /// What somebody who reads this field has seen: of a register the siblings, since its `seen`
    /// also holds what its writers had seen and what may never have arrived here; of any other
    /// field all of `seen`, which there is exactly what was applied.
    [[nodiscard]] Context context() const;
};

/// Sensitive.
struct RecordState {
    std::uint32_t type{};
    TeamId team;
    bool is_erased{};  ///< Erased for good: then there are no fields.
    std::map<std::uint32_t, FieldState> fields;

    bool operator==(const RecordState&) const = default;

    /// Everything seen of this record: the context a new change carries, and an approval names.
    /// It claims nothing that has not arrived here. See decisions/0011.
    [[nodiscard]] Context context() const;
};

/// What the state keeps of a change beyond its own bytes.
struct Acceptance {
    LogId log;
    ReplicaId author;
    HybridTime effective;
    Mark mark{Mark::none};
};

/// Applies `change` to `state`, in place. Idempotent. Changes of one log are applied in the order
/// of their sequence; different logs in any order.
/// Returns the numbers of the fields that changed, ascending (empty when it was applied already;
/// {0} when it erased the record).
std::vector<std::uint32_t> apply(RecordState& state, const Change& change,
                                 const Acceptance& acceptance);

/// The join of two states of one record: pure, total, commutative, associative, idempotent.
/// Types and teams of the two are equal, as every change names them; an empty state is neutral.
RecordState merge(const RecordState& left, const RecordState& right);
FieldState merge(const FieldState& left, const FieldState& right);

/// Merges `delta` into `state` in place: the same join, without copying what stays.
void merge_into(RecordState& state, RecordState&& delta);

/// state   = [ type, team, is_erased, logs, changes, fields, apart, said, kinds, forms, values ]
/// logs    = [ [log, replica], … ]     ascending, exactly those that are named;
///                                     replica is null for a log only seen, never a sibling's;
///                                     seen and seen_early name the first row of their log
/// changes = [ log index, sequence, role, mark, wall_ms - that of the change before, tick,
///             effective wall_ms - wall_ms, effective tick, … ]    ascending, exactly those named
/// fields  = [ number, … ]             ascending
/// apart   = [ field index, seen, seen_early, count of siblings, … ]   ascending; every field but
///                                     those of one sibling that is all they saw
/// seen    = [ log index, through, … ]
/// seen_early = [ log index, sequence, … ]
/// said    = [ change index, … ]       of every sibling, field by field, each field's by dot
/// kinds, forms, values = [ kind, … ], [ form, … ], [ value, … ]       of the same siblings
/// A delta is the same with fewer fields. See decisions/0021.
Bytes encode_state(const RecordState& state);

/// Accepts exactly what encode_state() gives.
/// Fails with the decoder's errors, or malformed for a state no merge yields.
Result<RecordState> decode_state(ByteView bytes);

}  // namespace godwit
