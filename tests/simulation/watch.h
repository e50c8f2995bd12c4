/// Watches what passes between replicas and the server: nobody is told what is not theirs to see,
/// nothing a person said travels in the open, and what the server once received it keeps.
#pragma once

#include <map>
#include <set>

#include "shared/protocol/messages.h"
#include "sync-server/reconcile/service.h"
#include "tests/simulation/sight_model.h"

namespace godwit::simulation {

class World;

class Watch {
public:
    explicit Watch(World& world) : world_(world) {}

    /// A request the server answered. `is_as_sent`: nothing had bent it on the way.
    void saw(const ReplicaId& replica, std::string_view path, ByteView body, const Reply& reply,
             bool is_as_sent);
    /// The server began anew from a backup.
    void server_forgot();
    /// The server starts: what failed to commit may be on its disk all the same.
    void server_starts() { is_sight_old_ = true; }

    [[nodiscard]] const std::map<Dot, Digest>& received() const { return received_; }
    /// Changes that came from a replica the server knew to be compromised.
    [[nodiscard]] const std::set<Dot>& to_be_parked() const { return to_be_parked_; }
    [[nodiscard]] const SightModel& sight();

private:
    void judge_request(ByteView message, const Request& request);
    void judge_answer(const ReplicaId& replica, const Answer& answer);
    void judge_record(const ReplicaId& replica, const TeamId& team, const RecordDelta& delta);
    void judge_safe(const Answer& answer);
    void note_received(const Request& request, const Answer& answer);
    void note_offered(const ReplicaId& replica, const Request& request);

    World& world_;
    SightModel sight_;
    bool is_sight_old_{true};
    std::map<Dot, Digest> received_;  ///< By receipts of the present epoch.
    std::set<Dot> offered_;           ///< Ever, by anybody in good standing.
    std::set<Dot> to_be_parked_;
    std::set<std::uint64_t> taken_;  ///< Requests, by a number made of their bytes.
};

}  // namespace godwit::simulation
