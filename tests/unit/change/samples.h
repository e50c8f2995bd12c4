/// Changes and segments of invented people, for the tests of this folder.
#pragma once

#include "shared/change/segment.h"

namespace godwit::samples {

/// An id that begins with `first` and ends with `last`: easy to tell apart in a failure.
template <typename IdType>
constexpr IdType id_of(std::uint8_t first, std::uint8_t last) {
    IdType id;
    id.bytes[0] = first;
    id.bytes[15] = last;
    return id;
}

inline constexpr LogId asha_log = id_of<LogId>(0xa5, 1);
inline constexpr LogId bela_log = id_of<LogId>(0xbe, 1);
inline constexpr LogId caro_log = id_of<LogId>(0xca, 1);
inline constexpr ReplicaId asha = id_of<ReplicaId>(0xa5, 0);
inline constexpr ReplicaId bela = id_of<ReplicaId>(0xbe, 0);

/// The encoding of a text.
Bytes text_item(std::string_view text);

/// Asha's change number `sequence`, which sets one open and one sealed field.
Change change_of(Sequence sequence);

/// Asha's change number `sequence` with operations of every kind, having seen Bela's and citing
/// one of Caro's.
Change full_change(Sequence sequence);

/// Asha's segment of `count` changes from `first` on, unsigned.
Segment segment_of(Sequence first, std::size_t count);

}  // namespace godwit::samples
