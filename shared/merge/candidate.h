/// What competes for being shown on a field, and the choice a conflict rule makes of it.
///
/// Inside the library: `view()` and `view_together()` differ only in what a candidate is made of.
///
/// Spec: merge §4.
#pragma once

#include <vector>

#include "shared/merge/view.h"

namespace godwit {

/// One value that is put forward.
/// Sensitive.
struct Part {
    Bytes item;       ///< What is compared: one CBOR item.
    ByteView ranked;  ///< What is ranked: the item, or of fields that stand together the first's.
};

/// What one sibling puts forward: one value, or for `settle` all that it lets stand.
/// Sensitive.
struct Candidate {
    std::size_t index{};  ///< Whose it is: the caller's own numbering.
    Dot dot;
    Role role{Role::worker};
    HybridTime effective;
    std::vector<Part> parts;

    [[nodiscard]] bool has(ByteView item) const;
};

/// Sensitive.
struct Choice {
    std::vector<const Part*>
        shown;  ///< Into the candidates chosen from; distinct but for `append`.
    std::vector<std::vector<std::size_t>> sources;  ///< For each, the indexes of its candidates.
    bool needs_review{};
};

/// The items a sibling of `kind` with the readable value `item` puts forward.
std::vector<ByteView> parts_of(OperationKind kind, ByteView item);

/// Greatest first: by effective time, then dot.
void sort_greatest_first(std::vector<Candidate>& candidates);

/// What the rule of `field` shows of `candidates`, which are greatest first. For `sum` the distinct
/// amounts; adding them up is the caller's.
Choice choose(const FieldSpec& field, const std::vector<Candidate>& candidates);

/// The code by which a value is ranked: the code itself, true or false, or of a review its state.
/// Empty when `item` holds none.
std::string_view code_of(ValueType type, ByteView item);

}  // namespace godwit
