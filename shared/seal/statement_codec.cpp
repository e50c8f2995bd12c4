#include <algorithm>
#include <utility>

#include "shared/seal/roster_statement.h"

namespace godwit {

namespace {

constexpr std::uint64_t statement_format = 1;

void encode(cbor::Encoder& out, const ReplicaKeys& keys) {
    out.array(3).id(keys.replica).bytes(keys.signing.view()).bytes(keys.box.view());
}

Result<ReplicaKeys> decode_replica_keys(cbor::Decoder& in) {
    TRY(in.array_of(3));
    ReplicaKeys out;
    out.replica = TRY(in.id<ReplicaId>());
    out.signing.bytes = TRY(in.fixed<32>());
    out.box.bytes = TRY(in.fixed<32>());
    if (out.replica.is_zero()) return Error{ErrorCode::malformed, "a replica's id is zero"};
    return out;
}

void encode(cbor::Encoder& out, const std::vector<Place>& places) {
    out.array(places.size());
    for (const Place& place : places) {
        out.array(2).id(place.team).unsigned_integer(static_cast<std::uint8_t>(place.role));
    }
}

bool is_place(const Place& place) {
    switch (place.role) {
        case Role::administrator:
            return place.team.is_zero();
        case Role::advocate:
            return true;
        case Role::worker:
        case Role::supervisor:
            return !place.team.is_zero();
    }
    return false;
}

Result<std::vector<Place>> decode_places(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    std::vector<Place> out;
    for (std::size_t index = 0; index < count; ++index) {
        TRY(in.array_of(2));
        Place place;
        place.team = TRY(in.id<TeamId>());
        const std::uint64_t role = TRY(in.unsigned_integer());
        if (role < 1 || role > 4) return Error{ErrorCode::malformed, "a role is not known"};
        place.role = static_cast<Role>(role);
        if (!is_place(place)) {
            return Error{ErrorCode::malformed, "a place joins a role and a team that cannot be"};
        }
        if (!out.empty() && !(out.back().team < place.team)) {
            return Error{ErrorCode::malformed, "places do not ascend, or two are in one team"};
        }
        out.push_back(place);
    }
    return out;
}

void encode(cbor::Encoder& out, const std::vector<Grant>& grants) {
    out.array(grants.size());
    for (const Grant& grant : grants) out.array(2).id(grant.replica).bytes(grant.box);
}

Result<std::vector<Grant>> decode_grants(cbor::Decoder& in) {
    const std::size_t count = TRY(in.array());
    if (count < 1) return Error{ErrorCode::malformed, "a reader key is granted to nobody"};
    if (count > grants_max) return Error{ErrorCode::too_large, "too many grants at once"};
    std::vector<Grant> out;
    for (std::size_t index = 0; index < count; ++index) {
        TRY(in.array_of(2));
        Grant grant;
        grant.replica = TRY(in.id<ReplicaId>());
        grant.box = copy_of(TRY(in.bytes()));
        if (grant.box.size() != grant_box_bytes) {
            return Error{ErrorCode::malformed, "a grant's box has another length"};
        }
        if (!out.empty() && !(out.back().replica < grant.replica)) {
            return Error{ErrorCode::malformed, "grants do not ascend by replica"};
        }
        out.push_back(std::move(grant));
    }
    return out;
}

Result<Readers> decode_readers(cbor::Decoder& in) {
    const std::uint64_t readers = TRY(in.unsigned_integer());
    if (readers < 2 || readers > 3) {
        return Error{ErrorCode::malformed, "readers are neither members nor supervisors"};
    }
    return static_cast<Readers>(readers);
}

Result<std::uint64_t> decode_epoch(cbor::Decoder& in) {
    const std::uint64_t epoch = TRY(in.unsigned_integer());
    if (epoch < 1) return Error{ErrorCode::malformed, "a reader key's epoch is zero"};
    return epoch;
}

Result<TeamId> decode_team(cbor::Decoder& in) {
    const TeamId team = TRY(in.id<TeamId>());
    if (team.is_zero()) return Error{ErrorCode::malformed, "the zero team is no team"};
    return team;
}

void encode(cbor::Encoder& out, const Founding& body) {
    out.array(8).bytes(body.root.view()).bytes(body.server.view()).bytes(body.recovery.view());
    out.bytes(body.sealed_name).id(body.member).bytes(body.sealed_member_name);
    encode(out, body.replica);
    out.integer(body.wall_ms);
}

Result<Founding> decode_founding(cbor::Decoder& in) {
    TRY(in.array_of(8));
    Founding out;
    out.root.bytes = TRY(in.fixed<32>());
    out.server.bytes = TRY(in.fixed<32>());
    out.recovery.bytes = TRY(in.fixed<32>());
    out.sealed_name = copy_of(TRY(in.bytes()));
    out.member = TRY(in.id<MemberId>());
    out.sealed_member_name = copy_of(TRY(in.bytes()));
    out.replica = TRY(decode_replica_keys(in));
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const TeamStatement& body) {
    out.array(3).id(body.team).bytes(body.sealed_name).integer(body.wall_ms);
}

Result<TeamStatement> decode_team_statement(cbor::Decoder& in) {
    TRY(in.array_of(3));
    TeamStatement out;
    out.team = TRY(decode_team(in));
    out.sealed_name = copy_of(TRY(in.bytes()));
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const MemberStatement& body) {
    out.array(4).id(body.member).bytes(body.sealed_name);
    encode(out, body.places);
    out.integer(body.wall_ms);
}

Result<MemberStatement> decode_member_statement(cbor::Decoder& in) {
    TRY(in.array_of(4));
    MemberStatement out;
    out.member = TRY(in.id<MemberId>());
    out.sealed_name = copy_of(TRY(in.bytes()));
    out.places = TRY(decode_places(in));
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const InvitationStatement& body) {
    out.array(6).id(body.invitation).bytes(body.key.view()).id(body.member);
    encode(out, body.places);
    out.integer(body.expires_ms).integer(body.wall_ms);
}

Result<InvitationStatement> decode_invitation_statement(cbor::Decoder& in) {
    TRY(in.array_of(6));
    InvitationStatement out;
    out.invitation = TRY(in.id<InvitationId>());
    out.key.bytes = TRY(in.fixed<32>());
    out.member = TRY(in.id<MemberId>());
    out.places = TRY(decode_places(in));
    out.expires_ms = TRY(in.integer());
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const Enrolment& body) {
    out.array(4).id(body.invitation);
    encode(out, body.replica);
    out.bytes(body.consent).integer(body.wall_ms);
}

Result<Enrolment> decode_enrolment(cbor::Decoder& in) {
    TRY(in.array_of(4));
    Enrolment out;
    out.invitation = TRY(in.id<InvitationId>());
    out.replica = TRY(decode_replica_keys(in));
    out.consent = TRY(in.fixed<64>());
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const Revocation& body) {
    out.array(3).id(body.replica).unsigned_integer(static_cast<std::uint8_t>(body.manner));
    out.integer(body.wall_ms);
}

Result<Revocation> decode_revocation(cbor::Decoder& in) {
    TRY(in.array_of(3));
    Revocation out;
    out.replica = TRY(in.id<ReplicaId>());
    const std::uint64_t manner = TRY(in.unsigned_integer());
    if (manner < 1 || manner > 2) {
        return Error{ErrorCode::malformed, "a manner of revocation is not known"};
    }
    out.manner = static_cast<Manner>(manner);
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const ReaderKeyStatement& body) {
    out.array(6).id(body.team).unsigned_integer(static_cast<std::uint8_t>(body.readers));
    out.unsigned_integer(body.epoch).bytes(body.key.view());
    encode(out, body.grants);
    out.integer(body.wall_ms);
}

Result<ReaderKeyStatement> decode_reader_key_statement(cbor::Decoder& in) {
    TRY(in.array_of(6));
    ReaderKeyStatement out;
    out.team = TRY(decode_team(in));
    out.readers = TRY(decode_readers(in));
    out.epoch = TRY(decode_epoch(in));
    out.key.bytes = TRY(in.fixed<32>());
    out.grants = TRY(decode_grants(in));
    out.wall_ms = TRY(in.integer());
    return out;
}

void encode(cbor::Encoder& out, const GrantStatement& body) {
    out.array(5).id(body.team).unsigned_integer(static_cast<std::uint8_t>(body.readers));
    out.unsigned_integer(body.epoch);
    encode(out, body.grants);
    out.integer(body.wall_ms);
}

Result<GrantStatement> decode_grant_statement(cbor::Decoder& in) {
    TRY(in.array_of(5));
    GrantStatement out;
    out.team = TRY(decode_team(in));
    out.readers = TRY(decode_readers(in));
    out.epoch = TRY(decode_epoch(in));
    out.grants = TRY(decode_grants(in));
    out.wall_ms = TRY(in.integer());
    return out;
}

Result<StatementBody> decode_body(cbor::Decoder& in, std::uint64_t kind) {
    switch (kind) {
        case 1:
            return StatementBody{TRY(decode_founding(in))};
        case 2:
            return StatementBody{TRY(decode_team_statement(in))};
        case 3:
            return StatementBody{TRY(decode_member_statement(in))};
        case 4:
            return StatementBody{TRY(decode_invitation_statement(in))};
        case 5:
            return StatementBody{TRY(decode_enrolment(in))};
        case 6:
            return StatementBody{TRY(decode_revocation(in))};
        case 7:
            return StatementBody{TRY(decode_reader_key_statement(in))};
        case 8:
            return StatementBody{TRY(decode_grant_statement(in))};
        default:
            return Error{ErrorCode::unknown_version, "a statement is of no known kind"};
    }
}

/// Whether the statement stands where its kind can stand in its signer's chain.
Result<void> check_place_in_chain(const Statement& statement) {
    const bool is_first = statement.number == 1;
    if (is_first && statement.previous != Digest{}) {
        return Error{ErrorCode::malformed, "a first statement names one before it"};
    }
    const bool must_be_first = std::holds_alternative<Founding>(statement.body) ||
                               std::holds_alternative<Enrolment>(statement.body);
    if (must_be_first && !is_first) {
        return Error{ErrorCode::malformed, "founding and enrolment are their signer's first"};
    }
    return ok();
}

}  // namespace

Bytes encode_statement(const Statement& statement) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    out.array(8).unsigned_integer(statement_format).id(statement.organisation);
    out.bytes(statement.signer).unsigned_integer(statement.number).bytes(statement.previous);
    out.unsigned_integer(statement.body.index() + 1);
    std::visit([&out](const auto& body) { encode(out, body); }, statement.body);
    out.bytes(statement.signature);
    return bytes;
}

Result<Statement> decode_statement(ByteView bytes) {
    if (bytes.size() > statement_bytes_max) {
        return Error{ErrorCode::too_large, "a statement is too large"};
    }
    cbor::Decoder in(bytes);
    const std::size_t count = TRY(in.array());
    if (TRY(in.unsigned_integer()) != statement_format) return ErrorCode::unknown_version;
    if (count != 8) return Error{ErrorCode::malformed, "a statement has another count of items"};
    Statement out;
    out.organisation = TRY(in.id<OrganisationId>());
    out.signer = TRY(in.fixed<16>());
    out.number = TRY(in.unsigned_integer());
    if (out.number < 1) return Error{ErrorCode::malformed, "statements are numbered from 1"};
    out.previous = TRY(in.fixed<32>());
    const std::uint64_t kind = TRY(in.unsigned_integer());
    out.body = TRY(decode_body(in, kind));
    out.signature = TRY(in.fixed<64>());
    TRY(in.finish());
    TRY(check_place_in_chain(out));
    return out;
}

}  // namespace godwit
