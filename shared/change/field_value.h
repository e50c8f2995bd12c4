/// Values of fields as CBOR items, held to what their field declares.
///
///   text, long_text, code, date, money: text      boolean: true | false
///   integer, moment: integer                      reference, member: bstr 16
///   event: map from part index (position in FieldSpec::parts, from 0) to the part's value, plus
///          key 1000: array of dots, the events of the same subject its author had seen
///   review: [state, null | context]; exactly an approval has a context: what it approves
///
/// Invariants
///   - A value is judged by this build's own declarations. One written under a newer schema version
///     may hold codes and parts that are unknown here and must pass: callers check a change's
///     values only when its schema_version is at most schema_version().
///
/// Spec: record-types §3.
#pragma once

#include "shared/base/result.h"
#include "shared/change/dot.h"
#include "shared/model/record_type.h"

namespace godwit {

inline constexpr std::uint64_t event_cites_key = 1000;
inline constexpr std::size_t event_cites_max = 1024;

/// Bounds of texts that declare none, in Unicode scalar values.
inline constexpr std::int64_t text_length_max = 500;
inline constexpr std::int64_t long_text_length_max = 50'000;

/// `item` is one value: of a set, an append or a counter one element; of a settle one of its parts.
/// Fails with wrong_value, saying what is wrong with it in the field's own terms and never
/// repeating the value.
Result<void> check_value(const FieldSpec& field, ByteView item);

/// True for a calendar date of precision year, month or day (proleptic Gregorian, 1900–2199).
bool is_date(std::string_view text);

/// True for decimal text: one to fifteen digits without leading zeros, and at most three places
/// after one dot (dinars and rials have thousandths). No sign, no grouping.
bool is_money(std::string_view text);

}  // namespace godwit
