#include "shared/seal/roster.h"

#include "shared/base/planted.h"
#include "shared/base/sha256.h"

namespace godwit {

Roster::Roster(const Cipher& cipher, OrganisationId organisation)
    : cipher_(&cipher), organisation_(organisation) {}

Result<void> Roster::accept(ByteView statement, std::optional<std::int64_t> now_ms) {
    const Digest digest = sha256({statement});
    if (held_.contains(digest)) return ok();

    const Statement decoded = TRY(decode_statement(statement));
    TRY(check_signature(decoded, statement));
    TRY(check_chain(decoded));
    TRY(check_standing(decoded, {.signer = ReplicaId{decoded.signer},
                                 .now_ms = now_ms,
                                 .is_in_proof = false,
                                 .is_proven = proven_.contains(digest)}));
    apply(decoded);
    chains_[decoded.signer] = {decoded.number, digest};
    held_.insert(digest);
    proven_.erase(digest);
    return ok();
}

Result<void> Roster::accept_proof(const std::vector<Bytes>& statements) {
    Roster grown = *this;
    for (const Bytes& statement : statements) TRY(grown.add_proven(statement));
    *this = std::move(grown);
    return ok();
}

Result<void> Roster::check_compromised(const std::vector<Bytes>& statements,
                                       const ReplicaId& replica) const {
    Roster grown = *this;
    for (const Bytes& statement : statements) {
        const Statement decoded = TRY(decode_statement(statement));
        const bool is_revocation = std::holds_alternative<Revocation>(decoded.body);
        TRY(is_revocation ? grown.add_proven(decoded, statement) : grown.add_proven(statement));
    }
    const ReplicaEntry* const entry = grown.replica(replica);
    if (entry == nullptr || entry->revoked != Manner::compromised) {
        return Error{ErrorCode::not_permitted, "no administrator revoked it as compromised"};
    }
    return ok();
}

Result<void> Roster::add_proven(ByteView bytes) {
    const Statement decoded = TRY(decode_statement(bytes));
    if (std::holds_alternative<Revocation>(decoded.body) ||
        std::holds_alternative<ReaderKeyStatement>(decoded.body) ||
        std::holds_alternative<GrantStatement>(decoded.body)) {
        return Error{ErrorCode::not_permitted, "a proof holds a statement that proves nothing"};
    }
    return add_proven(decoded, bytes);
}

Result<void> Roster::add_proven(const Statement& statement, ByteView bytes) {
    const Digest digest = sha256({bytes});
    if (held_.contains(digest) || proven_.contains(digest)) return ok();

    TRY(check_signature(statement, bytes));
    TRY(check_standing(statement, {.signer = ReplicaId{statement.signer},
                                   .now_ms = std::nullopt,
                                   .is_in_proof = true,
                                   .is_proven = false}));
    apply(statement);
    proven_.insert(digest);
    return ok();
}

const Founding& Roster::founding() const {
    GODWIT_ASSERT(founding_.has_value());
    return *founding_;
}

const Roster::ReplicaEntry* Roster::replica(const ReplicaId& id) const {
    const auto found = replicas_.find(id);
    return found == replicas_.end() ? nullptr : &found->second;
}

const Roster::MemberEntry* Roster::member(const MemberId& id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? nullptr : &found->second;
}

std::vector<Place> Roster::places(const ReplicaId& replica) const {
    const ReplicaEntry* const entry = this->replica(replica);
    if (entry == nullptr) return {};
    if (const MemberEntry* const found = member(entry->member)) return found->places;
    // Known by a proof alone, which need not name the member: the invitation vouches for them.
    for (const auto& [id, invitation] : invitations_) {
        if (invitation.used_by == replica) return invitation.statement.places;
    }
    return {};
}

std::optional<Role> Roster::role(const ReplicaId& replica, const TeamId& team) const {
    for (const Place& place : places(replica)) {
        if (place.team == team) return place.role;
    }
    return std::nullopt;
}

bool Roster::is_administrator(const ReplicaId& replica) const {
    return role(replica, TeamId{}) == Role::administrator;
}

const Roster::ReaderKeyEntry* Roster::reader_key(const TeamId& team, Readers readers) const {
    const auto found = reader_keys_.find({team, readers});
    return found == reader_keys_.end() ? nullptr : &found->second.back();
}

const Roster::ReaderKeyEntry* Roster::reader_key(const TeamId& team, Readers readers,
                                                 std::uint64_t epoch) const {
    const auto found = reader_keys_.find({team, readers});
    // Epochs are numbered from 1, without gaps.
    if (found == reader_keys_.end() || epoch < 1 || epoch > found->second.size()) return nullptr;
    return &found->second[static_cast<std::size_t>(epoch - 1)];
}

bool Roster::is_entitled(const ReplicaId& replica, const TeamId& team, Readers readers) const {
    const ReplicaEntry* const entry = this->replica(replica);
    if (entry == nullptr || entry->revoked) return false;
    const auto held = role(replica, team);
    return readers == Readers::members ? held.has_value() : held == Role::supervisor;
}

std::vector<Roster::Waiting> Roster::waiting() const {
    std::vector<Waiting> out;
    for (const auto& [whose, keys] : reader_keys_) {
        const auto& [team, readers] = whose;
        const ReaderKeyEntry& newest = keys.back();
        for (const auto& [id, entry] : replicas_) {
            if (!is_entitled(id, team, readers) || newest.grants.contains(id)) continue;
            out.push_back({team, readers, newest.epoch, id});
        }
    }
    return out;
}

Roster::Next Roster::next(const std::array<std::uint8_t, 16>& signer) const {
    const auto found = chains_.find(signer);
    if (found == chains_.end()) return {1, {}};
    return {found->second.number + 1, found->second.hash};
}

void Roster::apply(const Statement& statement) {
    const ReplicaId signer{statement.signer};
    std::visit([&](const auto& body) { apply(body, signer); }, statement.body);
}

// What a proof said before is said again when its chain arrives. What can be said only once is
// kept as it stands by then: a replica enrolled by proof may have been revoked in between.

void Roster::apply(const Founding& body, const ReplicaId& /*signer*/) {
    if (founding_) return;
    founding_ = body;
    members_[body.member] = {body.sealed_member_name, {{TeamId{}, Role::administrator}}};
    replicas_[body.replica.replica] = {body.replica, body.member, body.wall_ms, std::nullopt, 0};
}

void Roster::apply(const TeamStatement& body, const ReplicaId& /*signer*/) {
    teams_[body.team] = body.sealed_name;
}

void Roster::apply(const MemberStatement& body, const ReplicaId& /*signer*/) {
    if (members_.contains(body.member) && is_planted(PlantedBug::places_never_change)) return;
    members_[body.member] = {body.sealed_name, body.places};
}

void Roster::apply(const InvitationStatement& body, const ReplicaId& signer) {
    invitations_.emplace(body.invitation, InvitationEntry{body, signer, std::nullopt});
}

void Roster::apply(const Enrolment& body, const ReplicaId& /*signer*/) {
    InvitationEntry& invitation = invitations_.find(body.invitation)->second;
    invitation.used_by = body.replica.replica;
    replicas_.emplace(body.replica.replica, ReplicaEntry{body.replica, invitation.statement.member,
                                                         body.wall_ms, std::nullopt, 0});
}

void Roster::apply(const Revocation& body, const ReplicaId& /*signer*/) {
    ReplicaEntry& entry = replicas_.find(body.replica)->second;
    // Two administrators may revoke the same replica: the graver manner stays.
    if (is_planted(PlantedBug::revocation_ignored)) return;
    if (entry.revoked && *entry.revoked >= body.manner) return;
    entry.revoked = body.manner;
    entry.revoked_ms = body.wall_ms;
}

void Roster::apply(const ReaderKeyStatement& body, const ReplicaId& /*signer*/) {
    ReaderKeyEntry entry{body.epoch, body.key, {}};
    for (const Grant& grant : body.grants) entry.grants.emplace(grant.replica, grant.box);
    reader_keys_[{body.team, body.readers}].push_back(std::move(entry));
}

void Roster::apply(const GrantStatement& body, const ReplicaId& /*signer*/) {
    auto& keys = reader_keys_.find({body.team, body.readers})->second;
    ReaderKeyEntry& entry = keys[static_cast<std::size_t>(body.epoch - 1)];
    // Two holders may grant to the same replica: the first grant stays.
    for (const Grant& grant : body.grants) entry.grants.emplace(grant.replica, grant.box);
}

}  // namespace godwit
