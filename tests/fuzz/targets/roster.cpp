/// The roster. The input is a list of [how, statement]; statements are offered one after another to
/// a roster, each first put into its place when `how` says so: bit 0, in its signer's chain; bit 1,
/// in the organisation; bit 2, at a known hour.
///
/// What was accepted another roster accepts in the same order; it is accepted again without a
/// trace; and every proof made of it proves.
#include "shared/seal/roster.h"
#include "shared/base/sha256.h"
#include "shared/seal/roster_proof.h"
#include "tests/fuzz/cheap_cipher.h"

namespace godwit {
namespace {

constexpr std::size_t statements_max = 40;

class Offering {
public:
    /// Offers what `bytes` list, as far as they do.
    void run(ByteView bytes) {
        cbor::Decoder in(bytes);
        const auto count = in.array();
        if (!count) return;
        for (std::size_t left = std::min(*count, statements_max); left > 0; --left) {
            if (!in.array_of(2)) return;
            const auto how = in.unsigned_integer();
            if (!how) return;
            const auto statement = in.bytes();
            if (!statement) return;
            offer(*how, *statement);
        }
    }

    void check() {
        if (!roster_) return;
        Roster other(cipher_, roster_->organisation());
        for (const Bytes& each : accepted_) {
            GODWIT_ASSERT(other.accept(each, std::nullopt));
            GODWIT_ASSERT(roster_->accept(each, std::nullopt));
        }
        GODWIT_ASSERT(other.count() == roster_->count());
        GODWIT_ASSERT(other.waiting().size() == roster_->waiting().size());
        check_proofs();
    }

private:
    void offer(std::uint64_t how, ByteView bytes) {
        auto statement = decode_statement(bytes);
        if (!statement) {
            if (roster_) GODWIT_ASSERT(!roster_->accept(bytes, std::nullopt));
            return;
        }
        if (!roster_) {
            const auto* founding = std::get_if<Founding>(&statement->body);
            if (founding == nullptr) return;
            roster_.emplace(cipher_, organisation_id(founding->root));
        }
        if ((how & 1U) != 0) {
            const Roster::Next next = roster_->next(statement->signer);
            statement->number = next.number;
            statement->previous = next.previous;
        }
        if ((how & 2U) != 0) statement->organisation = roster_->organisation();
        const Bytes written = encode_statement(*statement);
        const bool is_held = roster_->holds(sha256({written}));
        const auto hour =
            (how & 4U) != 0 ? std::optional<std::int64_t>(1'800'000'000'000) : std::nullopt;
        const std::size_t count = roster_->count();
        const auto outcome = roster_->accept(written, hour);
        GODWIT_ASSERT(roster_->count() == count + (outcome && !is_held ? 1 : 0));
        if (outcome && !is_held) accepted_.push_back(written);
    }

    void check_proofs() {
        // All of it is a proof only where it holds nothing that proves nothing.
        static_cast<void>(Roster(cipher_, roster_->organisation()).accept_proof(accepted_));
        for (const auto& [id, unused] : roster_->invitations()) {
            const auto proof = make_proof(accepted_, id);
            GODWIT_ASSERT(proof);
            Roster shown(cipher_, roster_->organisation());
            GODWIT_ASSERT(shown.accept_proof(*proof));
            for (const Bytes& each : accepted_) static_cast<void>(shown.accept(each, std::nullopt));
            GODWIT_ASSERT(!shown.check_compromised(*proof, ReplicaId{}));
        }
        for (const auto& [id, entry] : roster_->replicas()) {
            static_cast<void>(roster_->role(id, TeamId{}));
            const auto proof = make_revocation_proof(accepted_, id);
            if (!proof) continue;
            GODWIT_ASSERT(entry.revoked == Manner::compromised);
            GODWIT_ASSERT(as_enrolled(id).check_compromised(*proof, id));
        }
    }

    /// What a replica holds at the least that is shown its revocation: all until it is known
    /// itself.
    Roster as_enrolled(const ReplicaId& replica) {
        Roster held(cipher_, roster_->organisation());
        for (const Bytes& each : accepted_) {
            if (held.replica(replica) != nullptr) break;
            GODWIT_ASSERT(held.accept(each, std::nullopt));
        }
        return held;
    }

    CheapCipher cipher_;
    std::optional<Roster> roster_;
    std::vector<Bytes> accepted_;
};

}  // namespace
}  // namespace godwit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    godwit::Offering offering;
    offering.run({data, size});
    offering.check();
    return 0;
}
