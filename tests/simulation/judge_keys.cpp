// Whoever may read can: no word is lost because its key is.

#include <algorithm>

#include "shared/seal/sealed_value.h"
#include "tests/simulation/judge.h"

namespace godwit::simulation {
namespace {

/// Is it a length that padding gives? Of a length of E + 1 bits only the first few may be set.
bool is_padded_length(std::size_t length) {
    if (length < 32) return false;
    std::size_t exponent = 0;
    while ((length >> (exponent + 1)) != 0) ++exponent;
    std::size_t kept = 1;
    while ((exponent >> kept) != 0) ++kept;
    const std::size_t free_bits = exponent > kept ? exponent - kept : 0;
    return (length & ((std::size_t{1} << free_bits) - 1)) == 0;
}

class Keys {
public:
    Keys(World& world, const Evidence& evidence) : world_(world), evidence_(evidence) {
        recovery_.secret_key = world.from.recovery.duplicate();
        recovery_.public_key = world.cipher.public_key_of(recovery_.secret_key);
    }

    void run() {
        for (const auto& [id, record] : evidence_.records) {
            if (record.is_erased) continue;
            judge_record(id, record);
            if (world_.has_violation()) return;
        }
        for (const HeldChange& held : evidence_.changes) {
            if (held.change && held.parked) judge_parked(*held.change);
            if (world_.has_violation()) return;
        }
    }

private:
    void judge_record(const RecordId& id, const HeldRecord& record) {
        std::optional<RecordKey> key;
        for (const auto& [number, field] : record.state.fields) {
            for (const Sibling& sibling : field.siblings) {
                if (sibling.form != Form::sealed) continue;
                if (!key) key = open_key(id);
                if (!key) return;
                judge_value(id, number, sibling, *key);
                if (world_.has_violation()) return;
            }
        }
    }

    /// What is parked somebody may adopt one day: whoever can open it.
    void judge_parked(const Change& change) {
        if (evidence_.is_erased(change.record)) return;
        if (says_sealed(change)) open_key(change.record);
    }

    std::optional<RecordKey> open_key(const RecordId& id) {
        const auto statement = evidence_.keys.find(id);
        const auto wrap = evidence_.recovery_wraps.find(id);
        if (statement == evidence_.keys.end() || wrap == evidence_.recovery_wraps.end()) {
            if (has_only_lost_words(id)) return std::nullopt;
            world_.object("keys", brief(id) + " has sealed words, and its key is nowhere");
            return std::nullopt;
        }
        auto key = open_wrap(world_.cipher, wrap->second, recovery_, statement->second);
        // A wrap is nothing to the server but bytes: it cannot tell that one of them has turned.
        if (!key && world_.plan.has(StepKind::server_rot)) return std::nullopt;
        if (!key) {
            world_.object("keys", brief(id) + " has a key that recovery does not open");
            return std::nullopt;
        }
        return *std::move(key);
    }

    /// The world destroyed every store that held these words, and so their key; somebody who had
    /// been told them, and never could read them, issued them again.
    [[nodiscard]] bool has_only_lost_words(const RecordId& id) const {
        return std::all_of(evidence_.changes.begin(), evidence_.changes.end(),
                           [&](const HeldChange& held) {
                               if (held.record != id || !held.change || !says_sealed(*held.change))
                                   return true;
                               const Entry* entry = world_.ledger.by_salt(held.change->salt);
                               return entry != nullptr && entry->is_excused;
                           });
    }

    void judge_value(const RecordId& id, std::uint32_t field, const Sibling& sibling,
                     const RecordKey& key) {
        cbor::Decoder in(sibling.value);
        const auto sealed = in.bytes();
        const bool opens =
            sealed && open_value(world_.cipher, key, id, field, *sealed).operator bool();
        if (!opens) {
            return world_.object("keys", brief(id) + " has a value that its key does not open");
        }
        const std::size_t padded = sealed->size() - Cipher::nonce_bytes - Cipher::tag_bytes;
        if (!is_padded_length(padded)) {
            world_.object("exposure", brief(id) + " has a value whose length tells what it is");
        }
    }

    World& world_;
    const Evidence& evidence_;
    BoxKeyPair recovery_;
};

}  // namespace

void judge_keys(World& world, const Evidence& evidence) {
    Keys(world, evidence).run();
}

void judge_roster(World& world) {
    // A store that went back in time forgets what it was about to say.
    for (const StepKind kind :
         {StepKind::restore_copy, StepKind::rot, StepKind::lose, StepKind::server_restore,
          StepKind::server_rot, StepKind::server_clock_jump}) {
        if (world.plan.has(kind)) return;
    }
    std::map<MemberId, const World::Demand*> last;
    for (const World::Demand& demand : world.demands) {
        if (demand.revoked) {
            const auto manner = world.watch.sight().revoked(*demand.revoked);
            const bool is_done =
                manner && (*manner == demand.manner || *manner == Manner::compromised);
            if (!is_done) return world.object("roster", "somebody was revoked and is not");
            continue;
        }
        // Of what two administrators say of one person the server's order decides.
        const World::Demand*& decided = last.emplace(demand.member, &demand).first->second;
        const bool is_decided = decided != nullptr && decided->by == demand.by && demand.is_sure;
        decided = is_decided ? &demand : nullptr;
    }
    for (const auto& [member, demand] : last) {
        if (demand == nullptr) continue;
        if (world.watch.sight().places(member) != demand->places) {
            world.object("roster", "somebody was given other places than they have");
        }
    }
}

}  // namespace godwit::simulation
