/// A segment: consecutive changes of one change log under one Ed25519 signature, as sent and as
/// kept in evidence.
///
///   segment = [ 1, replica, log, first, previous, entries, signature ]
///   entry   = body | [record, digest]            the second once the body is erased; a body stands
///                                                as a byte string, so that one that does not
///                                                decode costs no neighbour
///   hash(0) = SHA-256("godwit change log 1" ‖ replica ‖ log)
///   hash(i) = SHA-256(hash(i-1) ‖ record ‖ SHA-256(body))
///   signed  = "godwit segment 1" ‖ replica ‖ log ‖ first ‖ last ‖ hash(last)   (8-byte big-endian)
///
/// The chain runs over digests of bodies, so a body can be erased and the chain still verifies; and
/// over the records they were about, so nobody can pass a missing body off as the erasure of
/// another record. See decisions/0010.
///
/// Spec: change-format §5.
#pragma once

#include <vector>

#include "shared/change/change.h"

namespace godwit {

using Signature = std::array<std::uint8_t, 64>;

inline constexpr std::size_t segment_bytes_target = 64 * 1024;
inline constexpr std::size_t segment_bytes_max = 1024 * 1024;

/// Sensitive.
struct Entry {
    Bytes body;       ///< Empty once erased.
    RecordId record;  ///< record_of() the body, also when that is gone.
    Digest digest{};  ///< SHA-256 of the body, also when that is gone.

    [[nodiscard]] bool is_erased() const { return body.empty(); }
    bool operator==(const Entry&) const = default;
};

/// The record that a body is about: its sixth item. Zero for bytes that name none, which no replica
/// merges. Looks no further than that item, so that every version answers alike.
RecordId record_of(ByteView body);

/// An entry that still has its body.
Entry entry_of(Bytes body);

/// A change log's newest point.
struct LogHead {
    Sequence sequence{};
    Digest hash{};

    bool operator==(const LogHead&) const = default;
};

/// The head of a log that has no changes yet.
LogHead empty_head(const ReplicaId& replica, const LogId& log);

/// hash(i) from hash(i-1) and change i.
Digest chain(const Digest& previous, const RecordId& record, const Digest& body_digest);
inline Digest chain(const Digest& previous, const Entry& entry) {
    return chain(previous, entry.record, entry.digest);
}

/// Sensitive.
struct Segment {
    ReplicaId replica;
    LogId log;
    Sequence first{};
    Digest previous{};           ///< hash(first - 1)
    std::vector<Entry> entries;  ///< At least one.
    Signature signature{};

    [[nodiscard]] Sequence last() const { return first + entries.size() - 1; }
    bool operator==(const Segment&) const = default;
};

/// The head after the segment's entries.
LogHead head_after(const Segment& segment);

/// The hash through `sequence`, which lies in [first - 1, last].
Digest hash_at(const Segment& segment, Sequence sequence);

/// What the signature is over.
Bytes signed_bytes(const Segment& segment);

Bytes encode_segment(const Segment& segment);

/// Checks the layout, bounds and digests; the signature is the caller's to verify.
/// Bodies are kept as received and not decoded: one bad body must not cost its neighbours.
/// Fails with the decoder's errors, unknown_version, too_large, or malformed for a sequence outside
/// [1, sequence_max], no entries or an empty body.
Result<Segment> decode_segment(ByteView bytes);

}  // namespace godwit
