#include "tests/unit/seal/organisation.h"

#include <algorithm>
#include <sstream>

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "shared/seal/reader_key.h"
#include "tests/support/catch.h"

namespace godwit {

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (std::size_t done = 0; done < out.size();) {
        const Digest block = sha256({big_endian(seed_), big_endian(count_++)});
        const std::size_t taken = std::min(block.size(), out.size() - done);
        std::copy_n(block.begin(), taken, out.begin() + static_cast<std::ptrdiff_t>(done));
        done += taken;
    }
}

SodiumCipher test_cipher() {
    auto made = SodiumCipher::create();
    REQUIRE(made);
    return std::move(*made);
}

Bytes flipped(ByteView bytes, std::size_t bit) {
    Bytes out = copy_of(bytes);
    out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] ^ (1U << (bit % 8)));
    return out;
}

Organisation::Organisation()
    : root(cipher.make_signing_keys(random)),
      server(cipher.make_signing_keys(random)),
      recovery(cipher.make_box_keys(random)),
      id(organisation_id(root.public_key)),
      asha(make_replica(id_of<MemberId>(0xa0))),
      roster(cipher, id) {
    random.fill(key.bytes);
    take(founding_bytes());
}

Founding Organisation::founding_body() const {
    return {root.public_key,     server.public_key,
            recovery.public_key, seal_name(cipher, random, key, "An invented organisation"),
            asha.member,         seal_name(cipher, random, key, "Asha"),
            asha.keys(),         test_now_ms};
}

Bytes Organisation::founding_bytes() const {
    return signed_as(id.bytes, root.secret_key, {1, {}}, founding_body());
}

Bytes Organisation::signed_as(std::array<std::uint8_t, 16> signer,
                              const SigningSecretKey& signing_key, Roster::Next place,
                              StatementBody body) const {
    Statement statement{id, signer, place.number, place.previous, std::move(body), {}};
    return sign_statement(cipher, statement, signing_key);
}

Bytes Organisation::signed_by(const TestReplica& by, StatementBody body) const {
    return signed_as(by.id.bytes, by.signing.secret_key, roster.next(by.id.bytes), std::move(body));
}

void Organisation::take(const Bytes& statement) {
    REQUIRE(roster.accept(statement, test_now_ms));
    statements.push_back(statement);
}

Bytes Organisation::say(const TestReplica& by, StatementBody body) {
    Bytes statement = signed_by(by, std::move(body));
    take(statement);
    return statement;
}

TeamId Organisation::add_team(std::uint8_t number) {
    const auto team = id_of<TeamId>(number);
    say(asha, TeamStatement{team, seal_name(cipher, random, key, "A team"), test_now_ms});
    return team;
}

MemberId Organisation::add_member(std::uint8_t number, std::vector<Place> places) {
    const auto member = id_of<MemberId>(number);
    place_member(member, std::move(places));
    return member;
}

void Organisation::place_member(const MemberId& member, std::vector<Place> places) {
    say(asha, MemberStatement{member, seal_name(cipher, random, key, "A member"), std::move(places),
                              test_now_ms});
}

TestInvitation Organisation::make_invitation(const MemberId& member) {
    return {random.id<InvitationId>(), cipher.make_signing_keys(random), member};
}

InvitationStatement Organisation::invitation_body(const TestInvitation& invitation,
                                                  std::vector<Place> places) const {
    return {invitation.id,     invitation.key.public_key,     invitation.member,
            std::move(places), test_now_ms + 7 * test_day_ms, test_now_ms};
}

TestInvitation Organisation::invite(const MemberId& member, const TestReplica& by) {
    TestInvitation invitation = make_invitation(member);
    REQUIRE(roster.member(member) != nullptr);
    say(by, invitation_body(invitation, roster.member(member)->places));
    return invitation;
}

TestReplica Organisation::make_replica(const MemberId& member) {
    return {random.id<ReplicaId>(), member, cipher.make_signing_keys(random),
            cipher.make_box_keys(random)};
}

Bytes Organisation::enrolment(const TestReplica& replica, const TestInvitation& invitation) const {
    const Signature consent =
        cipher.sign(enrolment_bytes(id, invitation.id, replica.keys()), invitation.key.secret_key);
    return signed_as(replica.id.bytes, replica.signing.secret_key, {1, {}},
                     Enrolment{invitation.id, replica.keys(), consent, test_now_ms});
}

TestReplica Organisation::enrol(const MemberId& member) {
    const TestInvitation invitation = invite(member);
    TestReplica replica = make_replica(member);
    take(enrolment(replica, invitation));
    return replica;
}

namespace {

std::vector<Grant> grants_to(const Cipher& cipher, const BoxKeyPair& key,
                             const std::vector<const TestReplica*>& to) {
    std::vector<Grant> out;
    for (const TestReplica* const replica : to) {
        out.push_back(grant_for(cipher, key.secret_key, replica->keys()));
    }
    return out;
}

void print(std::ostream& out, const std::vector<Place>& places) {
    for (const Place& place : places) {
        out << " " << to_text(place.team) << "/" << static_cast<int>(place.role);
    }
    out << "\n";
}

void print_reader_keys(std::ostream& out, const Roster& roster, const TeamId& team) {
    for (const Readers readers : {Readers::members, Readers::supervisors}) {
        for (std::uint64_t epoch = 1;; ++epoch) {
            const auto* const entry = roster.reader_key(team, readers, epoch);
            if (entry == nullptr) break;
            out << "key " << to_text(team) << static_cast<int>(readers) << " " << entry->epoch
                << " " << format_hex(entry->key.view()) << "\n";
            for (const auto& [replica, box] : entry->grants) {
                out << "  " << to_text(replica) << " " << format_hex(box) << "\n";
            }
        }
    }
}

}  // namespace

ReaderKeyStatement Organisation::reader_key_body(const TeamId& team, Readers readers,
                                                 std::uint64_t epoch, const BoxKeyPair& reader_key,
                                                 const std::vector<const TestReplica*>& to) const {
    return {team,       readers, epoch, reader_key.public_key, grants_to(cipher, reader_key, to),
            test_now_ms};
}

GrantStatement Organisation::grant_body(const TeamId& team, Readers readers, std::uint64_t epoch,
                                        const BoxKeyPair& reader_key,
                                        const std::vector<const TestReplica*>& to) const {
    return {team, readers, epoch, grants_to(cipher, reader_key, to), test_now_ms};
}

std::string everything_in(const Roster& roster) {
    std::ostringstream out;
    out << "count " << roster.count() << " founded " << roster.is_founded() << "\n";
    const auto print_next = [&](const std::array<std::uint8_t, 16>& signer) {
        const Roster::Next next = roster.next(signer);
        out << "  next " << next.number << " " << format_hex(next.previous) << "\n";
    };
    print_next(roster.organisation().bytes);
    for (const auto& [id, entry] : roster.replicas()) {
        out << "replica " << to_text(id) << " " << format_hex(entry.keys.signing.view()) << " "
            << format_hex(entry.keys.box.view()) << " " << to_text(entry.member) << " "
            << entry.enrolled_ms << " " << entry.revoked_ms << " "
            << (entry.revoked ? static_cast<int>(*entry.revoked) : 0);
        print(out, roster.places(id));
        print_next(id.bytes);
    }
    for (const auto& [id, entry] : roster.members()) {
        out << "member " << to_text(id) << " " << format_hex(entry.sealed_name);
        print(out, entry.places);
    }
    for (const auto& [id, entry] : roster.invitations()) {
        out << "invitation " << to_text(id) << " by " << to_text(entry.by) << " used "
            << (entry.used_by ? to_text(*entry.used_by) : "by nobody") << "\n";
    }
    for (const auto& [id, name] : roster.teams()) {
        out << "team " << to_text(id) << " " << format_hex(name) << "\n";
        print_reader_keys(out, roster, id);
    }
    for (const auto& waiting : roster.waiting()) {
        out << "waiting " << to_text(waiting.team) << static_cast<int>(waiting.readers) << " "
            << waiting.epoch << " " << to_text(waiting.replica) << "\n";
    }
    return out.str();
}

void check_refused(Roster& roster, const Bytes& statement, ErrorCode code,
                   std::optional<std::int64_t> now_ms) {
    const std::string before = everything_in(roster);
    const auto outcome = roster.accept(statement, now_ms);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(everything_in(roster) == before);
    CHECK_FALSE(roster.holds(sha256({statement})));
}

}  // namespace godwit
