/// What is shown of a field: the conflict rules, as pure functions from siblings to a view.
///
/// A rule never deletes a sibling; it says which values to show and whether a person must look.
/// Rules run where the values can be read: a sealed value is opened first by whoever may.
///
/// Spec: merge §4.
#pragma once

#include <string>
#include <vector>

#include "shared/merge/record_state.h"

namespace godwit {

/// One sibling as its rule sees it.
/// Sensitive.
struct OpenedSibling {
    Dot dot;
    Role role{Role::worker};
    OperationKind kind{OperationKind::set};
    HybridTime effective;
    ByteView item;            ///< The opened value, one CBOR item; for settle an array of them.
    bool is_readable{true};   ///< False: sealed to others; `item` is empty.
};

/// Sensitive.
struct FieldView {
    /// What to show: single-valued rules give one item, or all that compete; union_ and append
    /// give every element; sum gives one integer. Encoded CBOR items.
    std::vector<Bytes> values;
    /// For each of `values`, the siblings it stands on, as indexes into the given siblings.
    std::vector<std::vector<std::size_t>> sources;
    /// True when the siblings are concurrent and the rule wants a person to settle them.
    bool needs_review{};
    /// True when some sibling could not be read here: the view is what this replica can tell.
    bool is_partial{};
};

/// The view of one field. `siblings` are by dot, ascending.
/// An order or state a type does not declare (from a newer version) counts as safest.
FieldView view(const FieldSpec& field, const std::vector<OpenedSibling>& siblings);

/// The view of fields that stand `together`: they resolve as one. A candidate is what one dot set
/// on all of them. Given and returned by field, in the order of `fields`; every field of the group
/// then shows the values of the same dots.
std::vector<FieldView> view_together(const std::vector<const FieldSpec*>& fields,
                                     const std::vector<std::vector<OpenedSibling>>& siblings);

/// May `role` (the owner when `is_owner`) step from the state shown to `to`? `from` is empty
/// before any value.
bool may_step(const FieldSpec& field, std::string_view from, std::string_view to, Role role,
              bool is_owner);

/// The review field's reading, given the whole record: an approval names what was seen, and any
/// other dot reopens it.
struct ReviewView {
    std::string state;       ///< As shown: a code of review_states, "reopened" included.
    bool is_amended{};       ///< Approved once, and something came that the approval had not seen.
    bool needs_review{};
};
ReviewView review_view(const RecordState& state, const FieldSpec& review);

/// Consent in force for each scope, derived from the events of a consent field: for each scope the
/// events no other event cites; a refusal or withdrawal beats a concurrent grant; an expired grant
/// is none; a scope nobody asked about is refused.
struct Consent {
    std::string scope;
    std::string decision;  ///< "granted", "refused", "withdrawn", "not_asked", "expired".
};
std::vector<Consent> effective_consent(const FieldSpec& consent,
                                       const std::vector<OpenedSibling>& events,
                                       std::int64_t now_ms);

}  // namespace godwit
