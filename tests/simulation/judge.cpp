#include "tests/simulation/judge.h"

#include <algorithm>

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"
#include "shared/base/text.h"
#include "shared/merge/digest.h"
#include "shared/protocol/packed_segment.h"

namespace godwit::simulation {

std::string brief(const Dot& dot) {
    return to_text(dot.log).substr(0, 8) + ":" + std::to_string(dot.sequence);
}

std::string brief(const RecordId& record) {
    return to_text(record).substr(0, 8);
}

namespace {

void verify_server(World& world) {
    const auto report = world.server.store().verify({});
    if (!report) return world.object("verify", "the server's store does not read");
    if (!report->problems.empty()) {
        world.object("verify", "the server's store: " + report->problems.front());
    }
}

void verify_replica(World& world, Person& person) {
    const auto verified = world.call(person, "verify", Json::object());
    if (!verified) world.object("verify", person.name + ": " + verified.error().detail);
}

}  // namespace

// Reading every page of every store is dear: those are read whose disk came to harm, and in some
// worlds all of them.
void judge_stores(World& world) {
    constexpr std::uint64_t one_in = 4;
    const bool is_all = world.plan.seed % one_in == 0;
    if (is_all || world.server.was_harmed) verify_server(world);
    for (const auto& person : world.people) {
        const bool is_due = person->fate == Fate::here && (is_all || person->was_harmed);
        if (is_due) verify_replica(world, *person);
    }
}

namespace {

/// The dots that stand in a state, and when they count from.
std::string dots_of(const RecordState& state) {
    std::set<std::string> dots;
    for (const auto& [number, field] : state.fields) {
        for (const Sibling& sibling : field.siblings) {
            dots.insert(" " + brief(sibling.dot) + "@" + std::to_string(sibling.effective.wall_ms));
        }
    }
    std::string out;
    for (const std::string& dot : dots) out += dot;
    return out;
}

class Convergence {
public:
    Convergence(World& world, const Evidence& evidence) : world_(world), evidence_(evidence) {}

    void run() {
        for (const auto& person : world_.people) {
            if (person->fate != Fate::here) continue;
            if (world_.watch.sight().revoked(person->replica)) continue;
            const auto held = world_.call(*person, "digest", Json::object());
            if (!held) return world_.object("convergence", person->name + " has no digest");
            const std::string told = world_.server.digest(person->replica);
            if ((*held)["digest"] != told && !knows_what_was_forgotten(*person)) {
                return world_.object("convergence", person->name + " holds other than the server:" +
                                                        differences(*person));
            }
            if (told != digest_by_model(person->replica)) {
                return world_.object("sight", person->name + " sees other than the model says");
            }
            judge_nothing_waits(*person);
        }
    }

private:
    [[nodiscard]] std::string digest_by_model(const ReplicaId& replica) {
        StateDigest digest;
        for (const auto& [id, record] : evidence_.records) {
            if (is_visible(replica, record)) digest.add(id, record.encoded);
        }
        return format_hex(digest.finish());
    }

    /// Where the server was put back to an earlier backup and an author never came again, replicas
    /// that had heard them hold what nobody can tell the server: words are kept, not dropped.
    [[nodiscard]] bool knows_what_was_forgotten(Person& person) {
        const bool has_forgotten =
            world_.plan.has(StepKind::server_restore) || world_.plan.has(StepKind::server_rot);
        if (!has_forgotten) return false;
        bool is_all = true;
        const auto look = [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            const auto there = evidence_.records.find(id);
            const bool is_other = there == evidence_.records.end() ||
                                  encode_state(record.base()) != there->second.encoded;
            const bool is_accounted_for = record.base().is_erased
                                              ? is_shown_in_vain(person, id, record)
                                              : knows_more(record.base(), there);
            if (is_other && !is_accounted_for) is_all = false;
            return is_all;
        };
        const auto looked =
            person.with_session([&](Session& session) { return session.store.each_record(look); });
        person.knows_more = looked && is_all;
        if (person.knows_more) {
            world_.note("  " + person.name + " knows more:" + differences(person));
        }
        return person.knows_more;
    }

    [[nodiscard]] bool knows_more(const RecordState& held,
                                  std::map<RecordId, HeldRecord>::const_iterator there) const {
        if (there == evidence_.records.end()) return true;
        for (const auto& [number, field] : held.fields) {
            const auto known = there->second.state.fields.find(number);
            if (known == there->second.state.fields.end()) return true;
            if (!known->second.seen.covers(field.seen)) return true;
        }
        return false;
    }

    /// Whoever holds a record erased shows who erased it. Where that was a replica since found
    /// compromised, or somebody who lost the right, it counts for nothing, unless who shows it may
    /// erase the record as well (decisions/0025).
    [[nodiscard]] bool is_shown_in_vain(const Person& holder, const RecordId& id,
                                        const StoredRecord& record) {
        const auto shown = decode_packed_segment(record.erasure);
        if (!shown || counts_today(shown->replica, id, record)) return false;
        return std::none_of(world_.people.begin(), world_.people.end(), [&](const auto& person) {
            const bool may_show = person->fate == Fate::here && may_erase(*person, id, record);
            return may_show && (person.get() == &holder || holds_erased(*person, id));
        });
    }

    [[nodiscard]] bool counts_today(const ReplicaId& author, const RecordId& id,
                                    const StoredRecord& record) {
        const auto revoked = world_.watch.sight().revoked(author);
        if (revoked) return *revoked != Manner::compromised;
        return std::any_of(world_.people.begin(), world_.people.end(), [&](const auto& person) {
            return person->replica == author && may_erase(*person, id, record);
        });
    }

    [[nodiscard]] bool may_erase(const Person& person, const RecordId& id,
                                 const StoredRecord& record) {
        const auto role = world_.watch.sight().role(person.replica, record.base().team);
        if (!role || world_.watch.sight().revoked(person.replica)) return false;
        if (*role == Role::supervisor) return true;
        const auto there = evidence_.records.find(id);
        if (there == evidence_.records.end()) return false;
        const std::vector<MemberId>& owners = there->second.owners;
        return std::find(owners.begin(), owners.end(), person.member) != owners.end();
    }

    [[nodiscard]] static bool holds_erased(Person& person, const RecordId& id) {
        bool is_erased = false;
        const auto looked = person.with_session([&](Session& session) -> Result<void> {
            const auto record = TRY(session.store.record(id));
            is_erased = record && record->base().is_erased;
            return ok();
        });
        return looked && is_erased;
    }

    /// Record by record, for whoever looks for the cause.
    [[nodiscard]] std::string differences(Person& person) {
        std::string out;
        std::set<RecordId> held;
        const auto look = [&](const RecordId& id, const StoredRecord& record) -> Result<bool> {
            held.insert(id);
            const auto there = evidence_.records.find(id);
            if (there == evidence_.records.end()) {
                out += " " + brief(id) + " only here;";
            } else if (encode_state(record.base()) != there->second.encoded) {
                out += " " + brief(id) + " is other" + (record.base().is_erased ? ", erased" : "") +
                       (there->second.is_erased ? ", erased there" : "") + ";" +
                       dots_of(record.base()) + " here," + dots_of(there->second.state) + " there;";
            }
            return true;
        };
        const auto looked =
            person.with_session([&](Session& session) { return session.store.each_record(look); });
        if (!looked) return " its store does not read";
        for (const auto& [id, record] : evidence_.records) {
            if (is_visible(person.replica, record) == held.contains(id)) continue;
            out += " " + brief(id) + (held.contains(id) ? " is not theirs;" : " is missing;");
        }
        return out;
    }

    /// As the server's program has it.
    [[nodiscard]] bool is_visible(const ReplicaId& replica, const HeldRecord& record) {
        const Running program(world_.server.schema);
        if (record.is_erased) return is_erased_visible(replica, record);
        return world_.watch.sight().may_see(replica, record.type, record.team,
                                            owners_named(record.state));
    }

    /// Of an erased record nobody can tell any more who owned it: the server's own word is taken.
    [[nodiscard]] bool is_erased_visible(const ReplicaId& replica, const HeldRecord& record) {
        const Audience audience = audience_of(record.type);
        const auto role = world_.watch.sight().role(replica, record.team);
        if (!role || world_.watch.sight().revoked(replica)) return false;
        if (audience == Audience::members) return true;
        if (audience == Audience::supervisors && *role == Role::supervisor) return true;
        const auto member = world_.watch.sight().member_of(replica);
        return member && std::find(record.owners.begin(), record.owners.end(), *member) !=
                             record.owners.end();
    }

    void judge_nothing_waits(Person& person) {
        const auto status = world_.call(person, "status", Json::object());
        if (!status) return world_.object("convergence", person.name + " has no status");
        if ((*status)["unsent"] != 0) {
            world_.object("convergence", person.name + " has something unsent");
        }
    }

    World& world_;
    const Evidence& evidence_;
};

}  // namespace

void judge_convergence(World& world, const Evidence& evidence) {
    Convergence(world, evidence).run();
}

void judge(World& world) {
    world.note("- judge");
    judge_stores(world);
    if (world.has_violation()) return;
    const auto evidence = read_evidence(world.server.store());
    if (!evidence) {
        return world.object("evidence", "it does not read: " + evidence.error().detail);
    }
    constexpr std::array oracles{judge_convergence, judge_evidence, judge_states, judge_parked,
                                 judge_words,       judge_shown,    judge_keys};
    for (const auto oracle : oracles) {
        oracle(world, *evidence);
        if (world.has_violation()) return;
    }
    judge_roster(world);
}

}  // namespace godwit::simulation
