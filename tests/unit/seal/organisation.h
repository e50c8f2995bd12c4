/// An invented organisation for the tests of seal: asha founded it and is its administrator, bela
/// and caro supervise, dina works. Everybody's keys are real; chance is a seed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/seal/roster.h"
#include "tests/support/cheap_phrase_cipher.h"

namespace godwit {

/// Chance that is the same in every run.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::uint64_t seed_;
    std::uint64_t count_ = 0;
};

SodiumCipher test_cipher();

template <typename IdType>
IdType id_of(std::uint8_t number) {
    IdType id;
    id.bytes.fill(number);
    return id;
}

/// `bytes` with one bit changed.
Bytes flipped(ByteView bytes, std::size_t bit);

/// One replica with its keys.
struct TestReplica {
    ReplicaId id;
    MemberId member;
    SigningKeyPair signing;
    BoxKeyPair box;

    [[nodiscard]] ReplicaKeys keys() const { return {id, signing.public_key, box.public_key}; }
};

/// An invitation's key, with what it was given out for.
struct TestInvitation {
    InvitationId id;
    SigningKeyPair key;
    MemberId member;
};

inline constexpr std::int64_t test_now_ms = 1'800'000'000'000;
inline constexpr std::int64_t test_day_ms = 86'400'000;

class Organisation {
public:
    /// Founded by asha, and nothing more.
    Organisation();

    /// Signs `body` as `by`'s next statement. Nothing is accepted.
    Bytes signed_by(const TestReplica& by, StatementBody body) const;
    Bytes signed_as(std::array<std::uint8_t, 16> signer, const SigningSecretKey& key,
                    Roster::Next place, StatementBody body) const;

    /// Signs, accepts, and keeps in `statements`. The accepted bytes.
    Bytes say(const TestReplica& by, StatementBody body);
    /// Accepts and keeps what was signed elsewhere.
    void take(const Bytes& statement);

    Bytes founding_bytes() const;
    TeamId add_team(std::uint8_t number);
    MemberId add_member(std::uint8_t number, std::vector<Place> places);
    void place_member(const MemberId& member, std::vector<Place> places);
    TestInvitation invite(const MemberId& member, const TestReplica& by);
    TestInvitation invite(const MemberId& member) { return invite(member, asha); }
    InvitationStatement invitation_body(const TestInvitation& invitation,
                                        std::vector<Place> places) const;
    TestInvitation make_invitation(const MemberId& member);
    TestReplica make_replica(const MemberId& member);
    /// The enrolment of `replica` by `invitation`, signed.
    Bytes enrolment(const TestReplica& replica, const TestInvitation& invitation) const;
    TestReplica enrol(const MemberId& member);

    /// A reader key of `readers` in `team`, its statement not yet signed.
    ReaderKeyStatement reader_key_body(const TeamId& team, Readers readers, std::uint64_t epoch,
                                       const BoxKeyPair& key,
                                       const std::vector<const TestReplica*>& to) const;
    GrantStatement grant_body(const TeamId& team, Readers readers, std::uint64_t epoch,
                              const BoxKeyPair& key,
                              const std::vector<const TestReplica*>& to) const;

    CheapPhraseCipher cipher{test_cipher()};
    mutable SeededRandom random{7};
    SigningKeyPair root;
    SigningKeyPair server;
    BoxKeyPair recovery;
    OrganisationKey key;
    OrganisationId id;
    TestReplica asha;
    Roster roster;
    std::vector<Bytes> statements;

private:
    Founding founding_body() const;
};

/// Everything a roster shows, as text: two that print alike are alike to every caller.
std::string everything_in(const Roster& roster);

/// Offers `statement` to `roster`; CHECKs that it is refused with `code` and leaves no trace.
void check_refused(Roster& roster, const Bytes& statement, ErrorCode code,
                   std::optional<std::int64_t> now_ms = std::nullopt);

}  // namespace godwit
