/// A team for the tests of the replica, with real folders, real keys and a clock that is told the
/// time: bela and dina work, caro supervises; asha, who founded the organisation, keeps no store.
#pragma once

#include <memory>
#include <string>

#include "field-client/replica/json.h"
#include "field-client/replica/replica.h"
#include "field-client/replica/session.h"
#include "tests/unit/seal/organisation.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

class ToldClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return ms; }
    std::int64_t ms = test_now_ms;
};

/// A world without servers.
class NoTransport final : public Transport {
public:
    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;
};

/// A store with its keys open, as the exchange side uses it.
struct OpenStore {
    std::unique_ptr<Store> store;
    std::unique_ptr<Session> session;
};

class Person {
public:
    Person(Organisation& organisation, TestReplica replica, std::uint64_t seed);

    /// Makes the store: this person's identity, and every statement of the organisation so far.
    /// Whoever did not is enrolled by the first use of their store: deriving keys takes its time.
    void enrol();

    /// Calls a method of the unlocked replica; the result must be a success.
    Json call(std::string_view method, const Json& parameters = Json::object());
    /// Calls a method that must be refused.
    Error refused(std::string_view method, const Json& parameters = Json::object());
    /// Sends a line as a program would.
    Json rpc(std::string_view line);

    /// Captures a record and returns its id.
    std::string capture(std::string_view type, const Json& fields, bool is_draft = false);
    /// The fields of a record as `show` gives them.
    Json fields(const std::string& record);
    /// What `show` gives as the value of one field.
    Json value(const std::string& record, const char* field);

    /// Closes the replica, so that others may open its folder.
    void close() { replica_.reset(); }
    Replica& replica();
    /// Opens the store itself, unlocked; the replica is closed.
    OpenStore open();

    const std::filesystem::path& path();
    Host& host() { return host_; }

    static constexpr std::string_view phrase = "bade fimo gulu kapi lore mudo nafe";

    TestReplica self;
    ToldClock clock;

private:
    Organisation& organisation_;
    Folder folder_;
    SeededRandom random_;
    NoTransport transport_;
    Host host_;
    std::unique_ptr<Replica> replica_;
    bool is_enrolled_{};
};

class Team {
public:
    /// `has_reader_keys`: caro has made the team's reader keys and granted them to whom they are
    /// for.
    explicit Team(bool has_reader_keys = true);

    Organisation organisation;
    TeamId id;
    Person bela;
    Person caro;
    Person dina;

private:
    TestReplica member(std::uint8_t number, std::string_view name, Role role);
};

/// Finishes the statement and wraps of a record captured here, as the exchange does that sends it.
void publish(Person& person, const RecordId& id);

/// Carries everything `from` has said to `to`, with the keys: what an exchange of both with a
/// server would come to.
void carry(Person& from, Person& to);

/// The bytes of every file in `folder`, one after another.
std::string bytes_in(const std::filesystem::path& folder);

}  // namespace godwit
