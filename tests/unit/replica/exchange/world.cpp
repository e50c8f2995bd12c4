#include "tests/unit/replica/exchange/world.h"

#include "field-client/replica/session.h"
#include "field-client/replica/store.h"
#include "shared/base/text.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/short_answer.h"
#include "shared/seal/request_envelope.h"
#include "tests/support/catch.h"
#include "tests/support/transport_answer.h"

namespace godwit {

ServerSide::ServerSide(const Cipher& cipher, Random& random) : cipher_(cipher), random_(random) {
    keys_.signing = cipher.make_signing_keys(random);
    random.fill(keys_.founding_secret);
    start(true);
}

void ServerSide::start(bool is_new) {
    const Running program(schema_);
    const auto path = folder_.path() / std::to_string(generation_);
    std::filesystem::create_directories(path);
    auto opened = ServerStore::open(path, is_new, cipher_, random_, clock);
    REQUIRE(opened);
    store_ = std::move(*opened);
    service_ = std::make_unique<Service>(*store_, keys_, cipher_, random_, clock, bounds);
}

std::string ServerSide::founding_link() const {
    FoundingLink link;
    link.server_url = "https://server.example:8443";
    link.server_key = keys_.signing.public_key;
    link.secret = keys_.founding_secret;
    return format_founding_link(link);
}

void ServerSide::backup(const std::string& name) {
    REQUIRE(store_->backup(folder_.path() / name, keys_.signing.secret_key, {}));
}

void ServerSide::restore(const std::string& name) {
    service_.reset();
    store_.reset();
    ++generation_;
    const auto path = folder_.path() / std::to_string(generation_);
    std::filesystem::create_directories(path);
    REQUIRE(ServerStore::restore(folder_.path() / name, path, cipher_, random_, clock));
    start(false);
}

void ServerSide::restart() {
    service_.reset();
    store_.reset();
    start(false);
}

void ServerSide::upgrade() {
    schema_ = Schema::tomorrows;
    restart();
}

void ServerSide::downgrade() {
    schema_ = Schema::todays;
    restart();
}

std::string ServerSide::digest(const std::string& replica) {
    const Running program(schema_);
    const auto digest = store_->digest(parse_id<ReplicaId>(replica));
    REQUIRE(digest);
    return format_hex(*digest);
}

Result<Transport::Answer> Wire::post(const std::string&, const std::optional<ServerPin>&,
                                     std::string_view path, ByteView body) {
    may_have_sent_ = !is_down && requests_before_cut != 0;
    if (!may_have_sent_ || body.size() > request_bytes_max) return ErrorCode::unreachable;
    if (requests_before_cut > 0) --requests_before_cut;
    ++count;
    const auto envelope = read_envelope(body);
    const bool asks_nonce = envelope && envelope->payload.empty();
    if (path == path::exchange && !asks_nonce) {
        REQUIRE(envelope);
        const auto message = decode_frame(envelope->payload);
        REQUIRE(message);
        auto request = decode_request(*message);
        REQUIRE(request);
        requests.push_back(std::move(*request));
    }
    const Running program(server_.schema());
    Reply reply = server_.service().answer(path, body);
    if (replies_to_lose > 0) {
        --replies_to_lose;
        return ErrorCode::unreachable;
    }
    if (lie && path == path::exchange && reply.http_status == 200) {
        auto answer = decode_answer(*decode_frame(reply.body));
        REQUIRE(answer);
        REQUIRE(restore(*answer, requests.back(), read_envelope(body)->replica));
        lie(*answer);
        reply.body = encode_frame(encode_answer(*answer));
    }
    return transport_answer(std::move(reply), body);
}

Person::Person(ServerSide& server, const Cipher& cipher, Random& random)
    : wire(server), server_(server), cipher_(cipher), random_(random), host_{clock,  random,
                                                                             cipher, wire,
                                                                             {},     "test"} {}

Replica& Person::replica() {
    if (!replica_) {
        auto opened = Replica::open(folder.path(), host_);
        REQUIRE(opened);
        replica_ = std::move(*opened);
        if (std::filesystem::exists(folder.path() / "key")) {
            REQUIRE(replica_->call("unlock", format_json({{"phrase", phrase}})));
        }
    }
    return *replica_;
}

void Person::upgrade() {
    close();
    schema_ = Schema::tomorrows;
}

Json Person::call(std::string_view method, const Json& parameters) {
    const Running program(schema_);
    const auto answer = replica().call(method, format_json(parameters));
    INFO(method << " " << format_json(parameters).substr(0, 400));
    CAPTURE(answer);
    REQUIRE(answer);
    return Json::parse(*answer);
}

Error Person::refused(std::string_view method, const Json& parameters) {
    const Running program(schema_);
    const auto answer = replica().call(method, format_json(parameters));
    INFO(method << " " << format_json(parameters));
    REQUIRE_FALSE(answer);
    return answer.error();
}

std::string Person::capture(const std::string& type, const Json& fields) {
    return call("capture", {{"type", type}, {"fields", fields}})["record"];
}

Json Person::value(const std::string& record, const char* field) {
    const Json all = call("show", {{"record", record}})["fields"];
    return all.contains(field) ? all[field]["value"] : Json(nullptr);
}

std::string Person::grade(const std::string& record) {
    return call("show", {{"record", record}})["saved"];
}

std::size_t Person::sibling_count(const std::string& record, const char* field) {
    const Json all = call("show", {{"record", record}, {"siblings", true}})["fields"];
    return all.contains(field) ? all[field]["siblings"].size() : 0;
}

std::unique_ptr<Person> Person::copy() {
    close();
    auto out = std::make_unique<Person>(server_, cipher_, random_);
    std::filesystem::copy(folder.path(), out->folder.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    out->id = id;
    out->member = member;
    return out;
}

void Person::become(Person& copy) {
    close();
    copy.close();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        std::filesystem::remove_all(entry);
    }
    std::filesystem::copy(copy.folder.path(), folder.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
}

void Person::with_session(const std::function<void(Session&)>& work) {
    close();
    auto store = Store::open(folder.path(), host_);
    REQUIRE(store);
    REQUIRE((*store)->unlock(phrase));
    auto session = Session::open(host_, **store);
    REQUIRE(session);
    work(**session);
}

World::World() : server(cipher, *random), asha(server, cipher, *random) {}

void World::found() {
    founded = asha.call("enrol", {{"invitation", server.founding_link()},
                                  {"organisation", "Harbour Network"},
                                  {"member", "Asha"},
                                  {"phrase", Person::phrase}});
    asha.id = founded["replica"];
    asha.member = founded["member"];
    north = asha.call("team", {{"name", "North"}})["team"];
    asha.sync();
}

std::string World::invite(const std::string& name, const Json& places) {
    const std::string member = asha.call("member", {{"name", name}, {"places", places}})["member"];
    return asha.call("invite", {{"member", member}})["invitation"];
}

std::unique_ptr<Person> World::stranger() {
    return std::make_unique<Person>(server, cipher, *random);
}

Person& World::join(const std::string& name, const std::string& role, const std::string& team) {
    const std::string invitation = invite(name, Json::array({{{"team", team}, {"role", role}}}));
    asha.sync();
    auto person = stranger();
    const Json enrolled =
        person->call("enrol", {{"invitation", invitation}, {"phrase", Person::phrase}});
    CHECK(enrolled["reached"] == true);
    person->id = enrolled["replica"];
    person->member = enrolled["member"];
    person->sync();
    return *(people[name] = std::move(person));
}

void World::settle() {
    for (int round = 0; round < 2; ++round) {
        asha.sync();
        for (auto& [name, person] : people) person->sync();
    }
}

void World::check_agreement() {
    CHECK(asha.digest() == server.digest(asha.id));
    for (auto& [name, person] : people) {
        INFO(name);
        CHECK(person->digest() == server.digest(person->id));
        const Json lines = person->call("list")["records"];
        for (const Json& line : lines) {
            CHECK(person->grade(line["record"]) == line["saved"]);
        }
    }
}

Json visit(const std::string& narrative) {
    return {{"date", "2026-11-21"}, {"site_type", "farm"}, {"narrative", narrative}};
}

Json testimony(const std::string& narrative) {
    return {{"taken_on", "2026-11-20"}, {"narrative_original", narrative}};
}

}  // namespace godwit
