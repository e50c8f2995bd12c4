#include "shared/seal/roster_statement.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/seal/sealed_value.h"

namespace godwit {

namespace {

constexpr std::string_view organisation_domain = "godwit organisation 1";
constexpr std::string_view statement_domain = "godwit statement 1";
constexpr std::string_view enrolment_domain = "godwit enrolment 1";
constexpr std::string_view name_domain = "godwit name 1";

// The head of the array that is signed, and what stands behind it in the whole statement.
constexpr std::uint8_t array_of_7 = 0x87;
constexpr std::size_t signature_item_bytes = 2 + 64;

void put_in_order(std::vector<Place>& places) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
}

void put_in_order(std::vector<Grant>& grants) {
    std::sort(grants.begin(), grants.end(),
              [](const Grant& left, const Grant& right) { return left.replica < right.replica; });
}

void put_in_order(StatementBody& body) {
    if (auto* const member = std::get_if<MemberStatement>(&body)) put_in_order(member->places);
    if (auto* const invitation = std::get_if<InvitationStatement>(&body)) {
        put_in_order(invitation->places);
    }
    if (auto* const reader_key = std::get_if<ReaderKeyStatement>(&body)) {
        put_in_order(reader_key->grants);
    }
    if (auto* const grant = std::get_if<GrantStatement>(&body)) put_in_order(grant->grants);
}

}  // namespace

OrganisationId organisation_id(const SigningPublicKey& root) {
    const Digest digest = sha256({bytes_of(organisation_domain), root.view()});
    OrganisationId out;
    std::memcpy(out.bytes.data(), digest.data(), out.bytes.size());
    return out;
}

Bytes signed_part_of(ByteView statement) {
    GODWIT_ASSERT(statement.size() > 1 + signature_item_bytes);
    Bytes out = copy_of(bytes_of(statement_domain));
    out.push_back(array_of_7);
    append(out, statement.subspan(1, statement.size() - 1 - signature_item_bytes));
    return out;
}

Bytes signed_bytes(const Statement& statement) {
    return signed_part_of(encode_statement(statement));
}

Bytes enrolment_bytes(const OrganisationId& organisation, const InvitationId& invitation,
                      const ReplicaKeys& replica) {
    Bytes out = copy_of(bytes_of(enrolment_domain));
    append(out, organisation.view());
    append(out, invitation.view());
    append(out, replica.replica.view());
    append(out, replica.signing.view());
    append(out, replica.box.view());
    return out;
}

Bytes sign_statement(const Cipher& cipher, Statement& statement, const SigningSecretKey& key) {
    put_in_order(statement.body);
    statement.signature = cipher.sign(signed_bytes(statement), key);
    return encode_statement(statement);
}

Bytes seal_name(const Cipher& cipher, Random& random, const OrganisationKey& key,
                std::string_view name) {
    Bytes item;
    cbor::Encoder(item).text(name);
    return cipher.seal(pad(item), bytes_of(name_domain), key.bytes, random);
}

Result<std::string> open_name(const Cipher& cipher, const OrganisationKey& key, ByteView sealed) {
    const Bytes padded = TRY(cipher.open(sealed, bytes_of(name_domain), key.bytes));
    cbor::Decoder in(TRY(unpad(padded)));
    const std::string_view name = TRY(in.text());
    TRY(in.finish());
    return std::string(name);
}

}  // namespace godwit
