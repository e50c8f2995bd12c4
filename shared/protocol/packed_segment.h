/// A segment's bytes as they travel and are kept: taken apart into columns, so that what is alike
/// stands together, and deflated. Unpacking gives back exactly the bytes that were signed.
///
///   packed  = segment                              as it is: it begins with 0x87
///           | 2 ‖ [ length of the segment's bytes, plain, columns deflated ]
///   columns = [ key, bytes, key, bytes, … ]            keys ascend
///   plain   = what chance made: ids, salts, digests, sealed values, signature. Nothing shortens
///             them, so they stand apart from what a deflater should read.
///
///   key 0 shape     the log's first sequence, the count of entries; then for each entry its way:
///                     0 erased                       plain gains [record, digest]
///                     1 as it is                     its length; column 1 gains its bytes
///                     2 a change as the one before   the same role, schema version, type, team
///                     3 a change                     column 3 gains these four items
///                   then, of a change: how many entries ago its record was first named (0: never,
///                   and plain gains it) and how many operations it has
///   key 2 times     [ wall_ms - wall_ms of the change before, tick ] as two items
///   key 1 whole     key 3 heads     key 4 contexts     key 6 citations
///   key 5 operations: field, kind, form
///   key 7 lengths   of sealed values
///   key 16 + field  values that are not sealed, in order
///
/// A change whose sequence is its place, in the layout of change-format §4, goes the short way;
/// any other bytes go as they are. So whatever can stand in a segment can be packed.
///
/// Spec: exchange §1.
#pragma once

#include "shared/change/segment.h"

namespace godwit {

Bytes pack_segment(const Segment& segment);

/// The segment's bytes, as encode_segment() gives them. Fails with malformed, too_large or the
/// decoder's errors; allocates no more than a segment may have, whatever is declared.
Result<Bytes> unpack_segment(ByteView packed);

/// How many bytes unpack_segment() would give at most, from what is declared; fails as it does.
Result<std::size_t> unpacked_size(ByteView packed);

/// unpack_segment() and decode_segment().
Result<Segment> decode_packed_segment(ByteView packed);

}  // namespace godwit
