/// What is shown of a field: the conflict rules, as pure functions from siblings to a view.
///
/// A rule never deletes a sibling; it says which values to show and whether a person must look.
/// Rules run where the values can be read: a sealed value is opened first by whoever may.
///
/// Spec: merge §4.
#pragma once

#include <string>
#include <string_view>
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
    ByteView item;           ///< The opened value, one CBOR item; for settle an array of them.
    bool is_readable{true};  ///< False: sealed to others; `item` is empty.
};

/// `sibling` as it stands, without opening anything: readable when it is open. Its item points into
/// `sibling`.
OpenedSibling opened(const Sibling& sibling);

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

/// The view of one field. `siblings` are by dot, ascending. What is no item of the profile counts
/// as unreadable: who opens a sealed value cannot know what was sealed.
/// An order or state a type does not declare (from a newer version) counts as safest.
FieldView view(const FieldSpec& field, const std::vector<OpenedSibling>& siblings);

/// The view of fields that stand `together`: they resolve as one. A candidate is what one dot set
/// on all of them. Given and returned by field, in the order of `fields`; every field of the group
/// then shows the values of the same dots, null where a dot said nothing of that field. The first
/// field's rule decides, and where it ranks values, the first field's values.
std::vector<FieldView> view_together(const std::vector<const FieldSpec*>& fields,
                                     const std::vector<std::vector<OpenedSibling>>& siblings);

/// May `role` (the owner when `is_owner`) step from the state shown to `to`? `from` is empty
/// before any value.
bool may_step(const FieldSpec& field, std::string_view from, std::string_view to, Role role,
              bool is_owner);

/// The states of review that the merge itself knows; the others are the vocabulary's.
namespace review_state {
inline constexpr std::string_view approved = "approved";
inline constexpr std::string_view reopened = "reopened";  ///< Shown only, never set.
}  // namespace review_state

/// The review field's reading, given the whole record: an approval names what was seen, and any
/// other dot reopens it.
struct ReviewView {
    std::string state;  ///< As shown: a code of review_states, "reopened" included.
    bool is_amended{};  ///< Approved once, and something came that the approval had not seen.
    bool needs_review{};
};
ReviewView review_view(const RecordState& state, const FieldSpec& review);

/// Is the record shown as archived while something stands in it that nobody who archived it had
/// seen, and whose author had not heard of that? A person must look: it would be out of sight
/// unread. What a review does is left out. An element added to a set or a list does not tell what
/// its author had heard; it counts as unheard.
bool hides_unseen(const RecordState& state, const FieldSpec& archived);

/// Consent in force for one scope. Only "granted" permits anything.
struct Consent {
    std::string scope;
    std::string decision;  ///< A code of consent_decisions, as recorded or derived.
};

/// Consent in force for each scope, derived from the events of a consent field: for each scope the
/// events that no other event of that scope cites. Whatever is no grant beats a concurrent grant;
/// a grant past its last day (UTC) reads "expired"; a scope nobody asked about "not_asked". Where
/// an event cannot be read, a grant reads "refused": the unread one may be its withdrawal.
/// Scopes stand in the order of their vocabulary, then those of newer versions by code.
std::vector<Consent> effective_consent(const FieldSpec& consent,
                                       const std::vector<OpenedSibling>& events,
                                       std::int64_t now_ms);

}  // namespace godwit
