#include "field-client/replica/opened_record.h"

#include <algorithm>

#include "shared/model/common_fields.h"
#include "shared/seal/sealed_value.h"

namespace godwit {
namespace {

OpenedField open_siblings(Session& session, const RecordId& id, const StoredRecord& record,
                          const FieldSpec& spec, OpenedRecord& into) {
    OpenedField field;
    field.spec = &spec;
    const auto found = record.shown.fields.find(spec.number);
    if (found == record.shown.fields.end()) return field;
    for (const Sibling& sibling : found->second.siblings) {
        auto item = open_item(session, id, record, spec.number, sibling.form, sibling.value);
        const bool is_readable = static_cast<bool>(item);
        if (!is_readable) into.key_error = item.error();
        field.items.push_back(is_readable ? std::move(item).value() : Bytes{});
        field.siblings.push_back({sibling.dot, sibling.role, sibling.kind, sibling.effective,
                                  field.items.back(), is_readable});
    }
    return field;
}

/// The fields of `type` that resolve as one with `spec`, itself included.
std::vector<const FieldSpec*> group_of(const RecordType& type, const FieldSpec& spec) {
    std::vector<const FieldSpec*> group;
    for (const FieldSpec& other : type.fields) {
        const bool is_same =
            spec.together.empty() ? other.number == spec.number : other.together == spec.together;
        if (is_same) group.push_back(&other);
    }
    return group;
}

void open_group(Session& session, const RecordId& id, const StoredRecord& record,
                const std::vector<const FieldSpec*>& group, OpenedRecord& into) {
    std::vector<OpenedField> fields;
    std::vector<std::vector<OpenedSibling>> siblings;
    for (const FieldSpec* spec : group) {
        fields.push_back(open_siblings(session, id, record, *spec, into));
        siblings.push_back(fields.back().siblings);
    }
    if (group.size() == 1) {
        fields.front().view = view(*group.front(), siblings.front());
    } else {
        auto views = view_together(group, siblings);
        for (std::size_t index = 0; index < fields.size(); ++index) {
            fields[index].view = std::move(views[index]);
        }
    }
    for (OpenedField& field : fields) {
        if (field.siblings.empty()) continue;
        const std::uint32_t number = field.spec->number;
        into.fields.emplace(number, std::move(field));
    }
}

}  // namespace

const Bytes* OpenedField::shown() const {
    return view.values.empty() ? nullptr : &view.values.front();
}

const OpenedField* OpenedRecord::field(std::uint32_t number) const {
    const auto found = fields.find(number);
    return found == fields.end() ? nullptr : &found->second;
}

const Bytes* OpenedRecord::shown(std::uint32_t number) const {
    const OpenedField* found = field(number);
    return found == nullptr ? nullptr : found->shown();
}

OpenedRecord open_record(Session& session, const RecordId& id, const StoredRecord& record,
                         const FieldFilter& wanted) {
    OpenedRecord out;
    out.type = record_type(record.shown.type);
    if (out.type == nullptr) return out;
    std::vector<std::string_view> opened_groups;
    for (const auto& [number, state] : record.shown.fields) {
        const FieldSpec* spec = out.type->field(number);
        if (spec == nullptr || out.fields.contains(number) || !wanted(*spec, state)) continue;
        if (!spec->together.empty()) {
            const bool is_opened = std::find(opened_groups.begin(), opened_groups.end(),
                                             spec->together) != opened_groups.end();
            if (is_opened) continue;
            opened_groups.push_back(spec->together);
        }
        open_group(session, id, record, group_of(*out.type, *spec), out);
    }
    const auto archived = out.fields.find(common_field::archived);
    if (archived != out.fields.end() && hides_unseen(record.shown, *archived->second.spec)) {
        archived->second.view.needs_review = true;
    }
    return out;
}

OpenedRecord open_record(Session& session, const RecordId& id, const StoredRecord& record) {
    return open_record(session, id, record,
                       [](const FieldSpec&, const FieldState&) { return true; });
}

Result<Bytes> open_item(Session& session, const RecordId& id, const StoredRecord& record,
                        std::uint32_t field, Form form, ByteView value) {
    if (form == Form::open) return copy_of(value);
    if (form != Form::sealed) return ErrorCode::unknown_version;
    cbor::Decoder in(value);
    const ByteView sealed = TRY(in.bytes());
    const RecordKey* key = TRY(session.keys.record_key(id, record));
    return open_value(session.host.cipher, *key, id, field, sealed);
}

Result<Bytes> seal_item(Session& session, const RecordId& id, const StoredRecord& record,
                        const FieldSpec& field, ByteView item) {
    if (!field.is_sealed) return copy_of(item);
    const RecordKey* key = TRY(session.keys.record_key(id, record));
    Bytes out;
    cbor::Encoder(out).bytes(
        seal_value(session.host.cipher, session.host.random, *key, id, field.number, item));
    return out;
}

std::string_view text_in(ByteView item) {
    const auto text = cbor::Decoder(item).text();
    return text ? *text : std::string_view();
}

bool is_owner(const Session& session, const RecordState& state) {
    const auto owner = state.fields.find(common_field::owner);
    if (owner == state.fields.end()) return false;
    const MemberId& self = session.self().member;
    return std::any_of(owner->second.siblings.begin(), owner->second.siblings.end(),
                       [&](const Sibling& sibling) {
                           const auto member = cbor::Decoder(sibling.value).id<MemberId>();
                           return member && *member == self;
                       });
}

}  // namespace godwit
