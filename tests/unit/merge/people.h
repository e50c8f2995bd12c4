/// The people of the merge tests, what they say, and fields under every rule.
#pragma once

#include <initializer_list>
#include <string_view>

#include "shared/merge/record_state.h"
#include "shared/merge/view.h"

namespace godwit::test {

/// A replica with one change log.
struct Person {
    LogId log;
    ReplicaId replica;
    Role role{Role::worker};
};

/// Somebody whose ids are sixteen times `letter`, so that people sort by their letters.
Person person(char letter, Role role = Role::worker);

extern const Person asha, bela, caro;  ///< Workers.
extern const Person dina;              ///< A supervisor.

/// A change as a replica applies it: its bytes and the circumstances of its acceptance.
struct Said {
    Change change;
    Acceptance acceptance;

    [[nodiscard]] Dot dot() const { return {acceptance.log, change.sequence}; }
};

/// The change `sequence` of `by`'s log, with `operations`, who had seen `context`.
/// Its effective time is `at_ms`; its claimed time is always the same, for no rule may look at it.
Said said(const Person& by, Sequence sequence, std::vector<Operation> operations,
          const Context& context = {}, std::int64_t at_ms = 0);

inline constexpr std::uint32_t any_field = 16;

Operation set(Bytes value, std::uint32_t field = any_field);
Operation settle(Bytes values, std::uint32_t field = any_field);
Operation add(Bytes value, std::uint32_t field = any_field);
Operation note(Bytes value, std::uint32_t field = any_field);
Operation count(std::int64_t amount, std::uint32_t field = any_field);
Operation take_out(std::vector<Dot> dots, std::uint32_t field = any_field);
Operation erase();

Context seen(std::initializer_list<Dot> dots);

/// Encoded items.
Bytes text(std::string_view value);
Bytes integer(std::int64_t value);
Bytes boolean(bool value);
Bytes array(std::initializer_list<Bytes> items);

/// The state after `changes`, applied one after another.
RecordState state_after(const std::vector<Said>& changes);

/// Applies `each` to `state`; the fields that changed.
std::vector<std::uint32_t> apply(RecordState& state, const Said& each);

/// The dots of the siblings of a field; empty when there is no such field.
std::vector<Dot> sibling_dots(const RecordState& state, std::uint32_t field = any_field);

/// The siblings of a field as rules see them; they point into `state`.
std::vector<OpenedSibling> opened_siblings(const RecordState& state,
                                           std::uint32_t field = any_field);

/// A field of `type` under `rule`.
FieldSpec field_of(Rule rule, ValueType type = ValueType::text,
                   std::span<const std::string_view> order = {});

}  // namespace godwit::test
