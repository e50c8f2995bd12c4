/// Values of fields as CBOR items, held to what their field declares.
///
///   text, long_text, code, date, money: text      boolean: true | false
///   integer, moment: integer                      reference, member: bstr 16
///   event: map from part index (position in FieldSpec::parts, from 0) to the part's value, plus
///          key 1000: array of dots, the events of the same subject its author had seen
///   review: [state, null | context]
///
/// Spec: record-types §3.
#pragma once

#include "shared/base/result.h"
#include "shared/change/dot.h"
#include "shared/model/record_type.h"

namespace godwit {

inline constexpr std::uint64_t event_cites_key = 1000;

/// Fails with wrong_value, saying what is wrong with it in the field's own terms and never
/// repeating the value.
Result<void> check_value(const FieldSpec& field, ByteView item);

/// True for a calendar date of precision year, month or day (proleptic Gregorian, 1900–2199).
bool is_date(std::string_view text);

/// True for decimal text: digits, and at most two places after one dot.
bool is_money(std::string_view text);

}  // namespace godwit
