#include "field-client/replica/duplicate_index.h"

#include <algorithm>
#include <optional>

#include "field-client/replica/fold.h"
#include "field-client/replica/opened_record.h"
#include "shared/base/text.h"

namespace godwit {
namespace {

struct IndexedField {
    std::string_view name;
    std::string_view kind;
};

/// What identifies a person across records. Names in every spelling meet in one kind.
constexpr IndexedField indexed[] = {
    {"full_name", "name"},         {"known_as", "name"}, {"passport_number", "document"},
    {"permit_number", "document"}, {"phone", "phone"},
};

std::optional<std::string_view> kind_of(const FieldSpec& field) {
    for (const IndexedField& each : indexed) {
        if (each.name == field.name) return each.kind;
    }
    return std::nullopt;
}

/// Documents and telephone numbers are written with and without spaces, dashes and brackets.
std::string normal_form(std::string_view kind, std::string_view value) {
    std::string folded = fold(value);
    if (kind == "name") return folded;
    const auto is_mark = [](char c) {
        return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
    };
    folded.erase(std::remove_if(folded.begin(), folded.end(), is_mark), folded.end());
    return folded;
}

std::optional<Digest> index_key(Session& session, const TeamId& team) {
    const Roster::ReaderKeyEntry* entry = session.roster.reader_key(team, Readers::members);
    if (entry == nullptr) return std::nullopt;
    const auto keys = session.keys.reader_key(team, Readers::members, entry->epoch);
    if (!keys) return std::nullopt;
    Bytes label = copy_of(bytes_of("godwit duplicate index 1"));
    append(label, team.view());
    return session.host.cipher.keyed_hash(label, (*keys)->secret_key.view());
}

}  // namespace

const FieldSpec* duplicate_index_field(const RecordType& type) {
    return type.field("duplicate_index");
}

std::vector<Bytes> duplicate_index_of(Session& session, const RecordType& type, const TeamId& team,
                                      const std::vector<OpenOperation>& operations) {
    std::vector<Bytes> elements;
    if (duplicate_index_field(type) == nullptr) return elements;
    auto key = index_key(session, team);
    if (!key) return elements;
    for (const OpenOperation& operation : operations) {
        const FieldSpec* field = type.field(operation.field);
        const auto kind = field == nullptr ? std::optional<std::string_view>() : kind_of(*field);
        if (!kind) continue;
        const std::string value = normal_form(*kind, text_in(operation.item));
        if (value.empty()) continue;
        Bytes message = copy_of(bytes_of(*kind));
        message.push_back(0);
        append(message, bytes_of(value));
        const Digest digest = session.host.cipher.keyed_hash(message, *key);
        wipe(message);
        Bytes item;
        cbor::Encoder(item).text(format_base64url(ByteView(digest).first(16)));
        if (std::find(elements.begin(), elements.end(), item) == elements.end()) {
            elements.push_back(std::move(item));
        }
    }
    wipe(*key);
    return elements;
}

}  // namespace godwit
