/// Records as JSON: the shapes that several methods share.
///
/// Spec: replica-call.
#pragma once

#include "field-client/replica/json.h"
#include "field-client/replica/opened_record.h"

namespace godwit {

/// {"dot","value","author","claimed","effective","role","mark","readable"} for each sibling of
/// `field`, by dot.
Json siblings_json(const StoredRecord& record, const OpenedField& field);

/// What is shown of `field`: a list for sets and notes, a number for sums, else the value or, where
/// several compete or stand together, their list. Null where nothing can be read.
Json shown_json(const OpenedField& field);

/// The fields whose siblings a person must settle, by number.
std::vector<const OpenedField*> conflicts_of(const OpenedRecord& record);

/// A filter that opens only what could be in conflict.
bool may_conflict(const FieldSpec& field, const FieldState& state);

/// The text of `rule`, as in the record types.
std::string_view name_of(Rule rule);
std::string_view name_of(ValueType type);
std::string_view name_of(Audience audience);

/// The type's name, or "type_<number>" for one of a newer version.
std::string type_name(std::uint32_t number);

/// The state of review as shown; empty before any.
std::string review_state_of(const RecordState& state);

/// The owner as shown, or nothing.
std::optional<MemberId> owner_of(const OpenedRecord& record);

bool is_archived(const OpenedRecord& record);

}  // namespace godwit
