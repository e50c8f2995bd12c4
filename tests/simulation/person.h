/// One replica of a world and whoever carries it: the real replica, on a disk and a clock of its
/// own, with a road to the server that a world makes better and worse.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "field-client/replica/json.h"
#include "field-client/replica/replica.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/machine.h"

namespace godwit {
class Session;
}

namespace godwit::simulation {

inline constexpr std::string_view everybodys_phrase = "bade fimo gulu kapi lore mudo nafe";
inline constexpr const char* server_url = "https://server.example:8443";

/// How a person stands in the world; what the server and the person's replica know of it is theirs.
enum class Fate : std::uint8_t {
    here,       ///< Works, and meets the server in the end.
    gone,       ///< The disk is lost, or its keys are.
    destroyed,  ///< Told that it is compromised, it destroyed its keys.
};

class Person final : public Machine {
public:
    Person(std::size_t number, std::string name, const Cipher& cipher, Transport& road,
           const std::int64_t& true_ms, std::uint64_t seed, const DiskImage& image);
    ~Person() override;

    /// Calls a method; opens and unlocks the replica first if need be.
    Result<Json> call(std::string_view method, const Json& parameters);
    [[nodiscard]] const std::string& last_answer() const { return last_answer_; }
    /// Works on the open store itself.
    Result<void> with_session(const std::function<Result<void>(Session&)>& work);

    void stop() override { replica_.reset(); }

    std::size_t number;
    std::string name;
    ReplicaId replica;
    MemberId member;
    Fate fate{Fate::here};
    bool is_suspect{};  ///< Bits on its disk may have turned.
    bool knows_more{};  ///< Holds what a server that was put back does not.
    Holding holding;
    std::function<void()> amid;  ///< Happens once while an answer is on its way …
    std::uint64_t amid_after{};  ///< … after so many others.

private:
    Result<Replica*> opened();
    Heard post(const Post& wanted);

    Host host_;
    std::string last_answer_;
    std::unique_ptr<Replica> replica_;
};

}  // namespace godwit::simulation
