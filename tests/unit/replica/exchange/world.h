/// One organisation whose replicas really sync: with a real server in the same process, over a wire
/// that can be cut, lose replies, and lie.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "field-client/replica/json.h"
#include "field-client/replica/replica.h"
#include "shared/protocol/messages.h"
#include "shared/sodium/sodium_random.h"
#include "sync-server/reconcile/service.h"
#include "sync-server/store/server_store.h"
#include "tests/support/cheap_phrase_cipher.h"
#include "tests/support/running_schema.h"
#include "tests/unit/sqlite/folder.h"

namespace godwit {

class SetClock final : public WallClock {
public:
    [[nodiscard]] std::int64_t now_ms() const override { return ms; }
    std::int64_t ms = 1'795'288'836'000;  // 2026-11-21T19:20:36Z
};

/// The server's side: data folder, keys, service.
class ServerSide {
public:
    ServerSide(const Cipher& cipher, Random& random);

    [[nodiscard]] std::string founding_link() const;
    Service& service() { return *service_; }
    ServerStore& store() { return *store_; }
    [[nodiscard]] const SigningKeyPair& signing() const { return keys_.signing; }

    /// A copy of everything it holds now, under `name`.
    void backup(const std::string& name);
    /// Throws away what it holds and starts from the copy `name`, in a new epoch.
    void restore(const std::string& name);
    /// Stops and starts: nonces begin anew.
    void restart();
    std::string digest(const std::string& replica);

    /// Stops and starts, as a program of tomorrow.
    void upgrade();
    /// The same as one of today.
    void downgrade();
    [[nodiscard]] Schema schema() const { return schema_; }

    SetClock clock;
    AnswerBounds bounds;  ///< From the next start on.

private:
    void start(bool is_new);

    const Cipher& cipher_;
    Random& random_;
    ServerKeys keys_;
    Folder folder_;
    int generation_{};
    Schema schema_{Schema::todays};
    std::unique_ptr<ServerStore> store_;
    std::unique_ptr<Service> service_;
};

/// What happens to requests on their way.
class Wire final : public Transport {
public:
    explicit Wire(ServerSide& server) : server_(server) {}

    Result<Answer> post(const std::string& server, const std::optional<ServerPin>& pin,
                        std::string_view path, ByteView body) override;
    [[nodiscard]] bool may_have_sent() const override { return may_have_sent_; }

    bool is_down{};
    int replies_to_lose{};        ///< So many requests arrive whose replies do not.
    int requests_before_cut{-1};  ///< After so many the wire is down; -1: never.
    std::size_t request_bytes_max{
        std::size_t(-1)};  ///< The wire breaks before the end of longer ones.
    /// May change what an exchange's answer says: a server that lies.
    std::function<void(godwit::Answer&)> lie;
    int count{};
    std::vector<Request> requests;  ///< Every exchange that went up, as read on the wire.

private:
    ServerSide& server_;
    bool may_have_sent_{};
};

/// One replica in a folder of its own.
class Person {
public:
    Person(ServerSide& server, const Cipher& cipher, Random& random);

    Json call(std::string_view method, const Json& parameters = Json::object());
    Error refused(std::string_view method, const Json& parameters = Json::object());
    Json sync() { return call("sync"); }
    std::string capture(const std::string& type, const Json& fields);
    Json value(const std::string& record, const char* field);
    /// How far their own changes of a record have come, as `show` says.
    std::string grade(const std::string& record);
    std::size_t sibling_count(const std::string& record, const char* field);
    std::string digest() { return call("digest")["digest"]; }

    void close() { replica_.reset(); }
    void upgrade();
    Replica& replica();
    /// A second replica that is a copy of this one's folder as it stands.
    std::unique_ptr<Person> copy();
    /// Puts the folder back to what `copy` holds.
    void become(Person& copy);
    /// Works on the open store itself; the replica is closed for it.
    void with_session(const std::function<void(class Session&)>& work);

    static constexpr std::string_view phrase = "bade fimo gulu kapi lore mudo nafe";

    SetClock clock;
    Wire wire;
    std::string id;
    std::string member;
    Folder folder;

private:
    ServerSide& server_;
    const Cipher& cipher_;
    Random& random_;
    Host host_;
    Schema schema_{Schema::todays};
    std::unique_ptr<Replica> replica_;
};

class World {
public:
    World();

    /// Founds the organisation: asha administers it. Makes the team North.
    void found();
    /// A person with one place, enrolled and up to date.
    Person& join(const std::string& name, const std::string& role,
                 const std::string& team = "North");
    std::string invite(const std::string& name, const Json& places);
    std::unique_ptr<Person> stranger();
    /// Everybody syncs, twice over.
    void settle();
    /// Fails unless every replica's digest is the server's for it.
    void check_agreement();

    CheapPhraseCipher cipher{SodiumCipher::create().value()};
    Result<SodiumRandom> random{SodiumRandom::create()};
    ServerSide server;
    Person asha;
    std::string north;
    std::map<std::string, std::unique_ptr<Person>> people;
    Json founded;
};

/// Asha administers, bela and dina work, caro supervises; all keys are where they belong.
struct Team : World {
    Team() {
        found();
        caro_ = &join("caro", "supervisor");
        bela_ = &join("bela", "worker");
        dina_ = &join("dina", "worker");
        settle();
    }
    Person& bela() { return *bela_; }
    Person& caro() { return *caro_; }
    Person& dina() { return *dina_; }

private:
    Person* bela_{};
    Person* caro_{};
    Person* dina_{};
};

Json visit(const std::string& narrative = "They sleep in shifts.");
Json testimony(const std::string& narrative = "My passport was taken.");

}  // namespace godwit
