/// From what somebody gives for a record's fields to the changes that say it.
///
/// A change holds at most one value a field, so three codes for one set take three changes; all of
/// them stand in one transaction.
///
/// Spec: replica-call, change-format §4.
#pragma once

#include <vector>

#include "field-client/replica/json.h"
#include "field-client/replica/opened_record.h"

namespace godwit {

/// Operations that must stand in one change: one value, or the values of a group.
using OperationUnit = std::vector<OpenOperation>;

/// The changes of one call, each a list of operations. Sensitive.
using ChangePlan = std::vector<std::vector<OpenOperation>>;

/// What `fields` (names and values) says, as units by field number. Registers are set, elements of
/// sets and notes added, numbers counted.
/// Fails with unknown_field, rule_does_not_allow for fields that other methods write, and as
/// item_from_json() does.
Result<std::vector<OperationUnit>> units_from_json(const Session& session, const RecordType& type,
                                                   const Json& fields);

/// Spreads units over as few changes as their fields and the size of a change allow.
ChangePlan plan_changes(std::vector<OperationUnit> units);

/// Writes the changes of `plan` in order; the last one's dot. Events of consent are given the
/// events of the same scope seen so far, keys of the duplicate index are added.
/// Inside the caller's transaction.
Result<Dot> write_plan(Session& session, const Intent& record, ChangePlan plan);

/// Opens of a record only the fields that decide whether others are shown.
OpenedRecord open_deciding(Session& session, const RecordId& id, const StoredRecord& record);

/// Fails with missing_field, naming every required field that is shown and empty. `opened` holds at
/// least the fields that decide.
Result<void> check_complete(const StoredRecord& record, const OpenedRecord& opened);

/// Fails with wrong_value when a field that `fields` names is not shown, given what the record
/// says elsewhere. `opened` holds at least the fields that decide.
Result<void> check_conditions(const OpenedRecord& opened, const Json& fields);

/// Is `field` shown in a form, given what the record says? Where that cannot be read: yes.
bool is_applicable(const OpenedRecord& record, const FieldSpec& field);

/// What a set of `field` to `item` must satisfy beyond its own value: who may loosen, which step
/// of a state machine is open. `record` is as shown before.
/// Fails with not_permitted or transition_not_allowed.
Result<void> check_set(const OpenedRecord& record, const FieldSpec& field, ByteView item, Role role,
                       bool is_by_owner);

}  // namespace godwit
