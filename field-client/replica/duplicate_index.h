/// The keyed index by which a team finds that two records of workers may be of one person, without
/// a name standing anywhere in the open.
///
///   index key = BLAKE2b-256("godwit duplicate index 1" ‖ team, key = secret half of the team's
///               members reader key)
///   element   = base64url of the first 16 bytes of
///               BLAKE2b-256(kind ‖ 0x00 ‖ folded value, key = index key)
///   kind      = "name" | "document" | "phone"
///
/// Whoever holds no members key writes no elements: the record is complete without them. A new
/// epoch of the members key begins a new index; records gain its elements when they are next
/// edited.
///
/// Spec: local-store §3.
#pragma once

#include <string>
#include <vector>

#include "field-client/replica/session.h"

namespace godwit {

/// The field that holds the index, or null when the type has none.
const FieldSpec* duplicate_index_field(const RecordType& type);

/// The elements for what `operations` set, as CBOR items; empty without a members key.
std::vector<Bytes> duplicate_index_of(Session& session, const RecordType& type, const TeamId& team,
                                      const std::vector<OpenOperation>& operations);

}  // namespace godwit
