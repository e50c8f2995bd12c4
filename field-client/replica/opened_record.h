/// A record as this replica can read it: sealed values opened where a key is held, and what each
/// field's rule shows.
///
/// Spec: merge §4.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "field-client/replica/session.h"
#include "shared/merge/view.h"

namespace godwit {

/// One field: its siblings with their values opened, by dot, and what is shown of them. Sensitive.
struct OpenedField {
    const FieldSpec* spec{};
    std::vector<Bytes> items;  ///< What `siblings` point into; empty where unreadable.
    std::vector<OpenedSibling> siblings;
    FieldView view;

    [[nodiscard]] bool is_readable() const { return !view.is_partial; }
    /// The first value shown, or nothing.
    [[nodiscard]] const Bytes* shown() const;
};

/// Sensitive.
struct OpenedRecord {
    const RecordType* type{};                     ///< Null for a type of a newer version.
    std::map<std::uint32_t, OpenedField> fields;  ///< Known fields that have a sibling.
    std::optional<Error> key_error;  ///< Why sealed values could not be opened, if they could not.

    [[nodiscard]] const OpenedField* field(std::uint32_t number) const;
    [[nodiscard]] const Bytes* shown(std::uint32_t number) const;
};

/// Which fields are worth opening. A field that stands together brings its whole group.
using FieldFilter = std::function<bool(const FieldSpec&, const FieldState&)>;

/// Opens what this replica may of the shown state of `record`. Never fails: what cannot be opened
/// is marked so, and `key_error` says why.
OpenedRecord open_record(Session& session, const RecordId& id, const StoredRecord& record,
                         const FieldFilter& wanted);

/// The same, of every field.
OpenedRecord open_record(Session& session, const RecordId& id, const StoredRecord& record);

/// One value as it stands in an operation or a sibling, opened.
/// Fails with cannot_open, bad_key or bad_signature as the record's key does, or with the
/// decoder's errors.
Result<Bytes> open_item(Session& session, const RecordId& id, const StoredRecord& record,
                        std::uint32_t field, Form form, ByteView value);

/// `item` as it stands in an operation: sealed when `field` says so.
Result<Bytes> seal_item(Session& session, const RecordId& id, const StoredRecord& record,
                        const FieldSpec& field, ByteView item);

/// The text of an item that is one, for codes, dates and states; empty for any other.
std::string_view text_in(ByteView item);

/// Is this replica's member an owner of the record, as far as the owner field says?
bool is_owner(const Session& session, const RecordState& state);

}  // namespace godwit
