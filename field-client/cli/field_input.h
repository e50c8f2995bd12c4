/// Values of fields as people give them: arguments, files, answers to questions.
///
/// A sealed value never stands in an argument, where the shell's history and every program of the
/// machine could read it.
///
/// Spec: replica-call, Records.
#pragma once

#include <string>
#include <vector>

#include "field-client/cli/json_text.h"
#include "shared/model/record_type.h"

namespace godwit {

/// Fails with unknown_type, listing the types.
Result<const RecordType*> type_named(const std::string& name);

/// Fails with unknown_field, naming the type.
Result<const FieldSpec*> field_named(const RecordType& type, const std::string& name);

/// Adds to `fields` what "NAME=VALUE" arguments say. A field of many values may come repeatedly.
/// Fails with usage, unknown_field, wrong_value, sealed_in_argument, or missing_field when a
/// single value comes twice.
Result<void> add_field_arguments(const RecordType& type, const std::vector<std::string>& arguments,
                                 Json& fields);

/// The value that `text`, the content of `source`, gives `field`: JSON when it is a JSON object,
/// array or quoted text, else the text itself without its last line end.
/// Fails with wrong_value or not_json.
Result<Json> value_of_text(const FieldSpec& field, std::string text, const std::string& source);

/// Is any sealed field called `name`, in `type` or, when that is null, in any type?
bool is_sealed_name(const RecordType* type, std::string_view name);

/// Asks at the terminal for every required field that applies and that `fields` lacks.
Result<void> ask_for_required(const RecordType& type, Json& fields);

}  // namespace godwit
