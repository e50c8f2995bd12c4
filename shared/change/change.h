/// A change: what one person did to one record at one moment. Never altered.
///
/// Its bytes (the *body*) are what is hashed, kept as evidence, and erased when consent is
/// withdrawn; the salt keeps a short erased body from being guessed back from its digest.
///
///   body = [ sequence, [wall_ms, tick], role, schema_version, record_type, record, team,
///            context, operations, salt, cites ]
///   operation = [ field, kind, form, value ]     remove: value = [dot, …] ascending; erase: null
///   cites = null | [log, sequence, digest]       the change this one issues again
///
/// The author's own log is left out of `context`: everything before `sequence` in it counts as
/// seen. A change that cites another speaks for that one's author, so there the context says all
/// and nothing is implied. Kinds and forms this build does not know pass through byte for byte.
///
/// Spec: change-format §4.
#pragma once

#include <optional>
#include <vector>

#include "shared/base/result.h"
#include "shared/change/dot.h"
#include "shared/change/hybrid_clock.h"
#include "shared/model/record_type.h"

namespace godwit {

inline constexpr std::size_t operations_max = 1024;
inline constexpr std::size_t change_bytes_max = 512 * 1024;

/// Numbers stand in changes and are never reused.
enum class OperationKind : std::uint8_t {
    set = 1,        ///< Supersedes every sibling the author had seen.
    add = 2,        ///< One element of a set; supersedes nothing.
    remove = 3,     ///< Names the dots it takes out of a set.
    append = 4,     ///< One more entry; supersedes nothing.
    increment = 5,  ///< A signed amount; supersedes nothing.
    erase = 6,      ///< On field 0 only: the record's key and bodies are to be destroyed.
    settle = 7,     ///< As set, with an array of values that stand together as they are.
};

/// How a value stands in an operation. Numbers are never reused.
enum class Form : std::uint8_t {
    open = 0,    ///< One CBOR item of the profile.
    sealed = 1,  ///< A byte string: see seal/sealed_value.h.
};

/// Sensitive.
struct Operation {
    std::uint32_t field{};
    OperationKind kind{OperationKind::set};
    Form form{Form::open};
    Bytes value;               ///< One encoded item; empty for remove and erase.
    std::vector<Dot> removed;  ///< remove only: ascending, unique, at least one.

    bool operator==(const Operation&) const = default;
};

struct Citation {
    Dot dot;
    Digest digest{};  ///< SHA-256 of the cited body.

    bool operator==(const Citation&) const = default;
};

/// Sensitive.
struct Change {
    Sequence sequence{};
    HybridTime time;
    Role role{Role::worker};  ///< As which the author acts.
    std::uint32_t schema_version{};
    std::uint32_t record_type{};
    RecordId record;
    TeamId team;
    Context context;  ///< Of the record, without the author's own log.
    std::vector<Operation> operations;
    std::array<std::uint8_t, 16> salt{};
    std::optional<Citation> cites;

    bool operator==(const Change&) const = default;
};

/// True for the kinds whose operation adds a sibling: all but remove and erase, and every kind this
/// build does not know.
bool gains_sibling(OperationKind kind);

/// Fails with the decoder's errors for a value that is not one item of the profile or too deep to
/// stand in a body, too_large beyond change_bytes_max, and malformed for a change no replica may
/// write:
///   - a sequence, wall time or dot out of bounds, a role that is none
///   - no operations, or more than operations_max
///   - two operations that gain, or two removals, on one field
///   - removal of nothing, or of dots that do not ascend; a removal or erasure that is sealed
///   - an erase beside another operation or of a field; anything else known of field 0
///   - a sealed value that is no byte string; an open settle that is no array, or an empty one
Result<void> check_change(const Change& change);

/// The body of `change`. Only one that passes check_change will decode.
Bytes encode_change(const Change& change);

/// Fails with the decoder's errors, too_large, or malformed: as check_change.
Result<Change> decode_change(ByteView body);

/// Does it erase its record? An erase stands alone in its change.
bool is_erasing(const Change& change);

/// Does it say anything that only whoever holds the record's key can read?
bool says_sealed(const Change& change);

/// Everything the author of `change` in `log` had seen of the record: its context and, unless it
/// cites another change, the prefix of its own log.
Context seen_by(const Change& change, const LogId& log);

/// `change`, first issued in `from`, as it is issued again from another log: same operations, salt
/// and claimed time; a context that says what its author had seen, with `from` capped at
/// `from_through` (the last of `from` that others hold); citing the original. Words that moved more
/// than once cite the place where they stood first: nobody need have heard of those between.
/// The caller sets sequence and role, and adds to the context what of its own log stands for
/// changes the author had seen (a fork adds all it has issued again; an adoption adds nothing).
Change reissue(const Change& change, const LogId& from, Sequence from_through,
               const Digest& body_digest);

}  // namespace godwit
