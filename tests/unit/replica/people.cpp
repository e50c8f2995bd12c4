#include "tests/unit/replica/people.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "field-client/replica/history.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

Identity identity_of(const Organisation& organisation, const TestReplica& self) {
    Identity out;
    out.replica = self.id;
    out.member = self.member;
    out.organisation = organisation.id;
    out.organisation_key = organisation.key.duplicate();
    out.signing = {self.signing.public_key, self.signing.secret_key.duplicate()};
    out.box = {self.box.public_key, self.box.secret_key.duplicate()};
    out.server_url = "https://server.example:8443";
    return out;
}

void add_wraps(StoredRecord& record, const std::vector<Wrap>& wraps) {
    for (const Wrap& wrap : wraps) {
        if (std::find(record.wraps.begin(), record.wraps.end(), wrap) == record.wraps.end()) {
            record.wraps.push_back(wrap);
        }
    }
}

void publish(OpenStore& open, const RecordId& id) {
    StoredRecord record = *open.session->record(id);
    if (!record.key || record.key->is_signed()) return;
    KeyRing& keys = open.session->keys;
    WrapMaker maker = keys.wrap_maker();
    REQUIRE(keys.wrap_for_others(maker, id, *record_type(record.shown.type), record));
    RecordKeyStatement* const alone[] = {&*record.key};
    sign_record_keys(test_cipher(), alone, open.session->self().signing.secret_key);
    REQUIRE(open.store->save(id, record));
}

/// One change of `from`, applied at `to` as the server's feed would bring it.
Result<void> take(OpenStore& from, OpenStore& to, const LoggedChange& logged) {
    const Change change = TRY(decode_change(logged.body));
    StoredRecord theirs = TRY(from.session->record(logged.record));
    StoredRecord mine = TRY(to.store->record(logged.record)).value_or(StoredRecord{});
    const RecordState before = mine.base();
    const Acceptance acceptance{logged.dot.log, from.session->self().replica, change.time,
                                Mark::none};
    if (mine.base_apart) apply(*mine.base_apart, change, acceptance);
    apply(mine.shown, change, acceptance);
    if (theirs.key) mine.key = theirs.key;
    add_wraps(mine, theirs.wraps);
    if (mine.shown.is_erased) return carry_out_erasure(*to.session, logged.record, mine);
    TRY(to.store->save(logged.record, mine));
    return keep_what_leaves(*to.session, logged.record, before, mine.base());
}

}  // namespace

Result<Transport::Answer> NoTransport::post(const std::string&, const std::optional<ServerPin>&,
                                            std::string_view, ByteView) {
    return ErrorCode::unreachable;
}

Person::Person(Organisation& organisation, TestReplica replica, std::uint64_t seed)
    : self(std::move(replica)),
      organisation_(organisation),
      random_(seed),
      host_{clock, random_, organisation.cipher, transport_, {}, "test"} {}

const std::filesystem::path& Person::path() {
    if (!is_enrolled_) enrol();
    return folder_.path();
}

void Person::enrol() {
    is_enrolled_ = true;
    auto store = Store::open(folder_.path(), host_);
    REQUIRE(store);
    const auto begin = [&]() -> Result<void> {
        for (const Bytes& statement : organisation_.statements) {
            TRY((*store)->add_statement(statement, false));
        }
        return ok();
    };
    REQUIRE((*store)->create(identity_of(organisation_, self), phrase, random_.id<LogId>(), begin));
}

Replica& Person::replica() {
    if (!replica_) {
        auto opened = Replica::open(path(), host_);
        REQUIRE(opened);
        replica_ = std::move(*opened);
        REQUIRE(replica_->call("unlock", format_json({{"phrase", phrase}})));
    }
    return *replica_;
}

OpenStore Person::open() {
    close();
    OpenStore out;
    auto store = Store::open(path(), host_);
    REQUIRE(store);
    out.store = std::move(*store);
    REQUIRE(out.store->unlock(phrase));
    auto session = Session::open(host_, *out.store);
    REQUIRE(session);
    out.session = std::move(*session);
    return out;
}

Json Person::call(std::string_view method, const Json& parameters) {
    const auto answer = replica().call(method, format_json(parameters));
    INFO(method << " " << format_json(parameters));
    CAPTURE(answer);
    REQUIRE(answer);
    return Json::parse(*answer);
}

Error Person::refused(std::string_view method, const Json& parameters) {
    const auto answer = replica().call(method, format_json(parameters));
    INFO(method << " " << format_json(parameters));
    REQUIRE_FALSE(answer);
    return answer.error();
}

Json Person::rpc(std::string_view line) {
    return Json::parse(replica().call(line));
}

std::string Person::capture(std::string_view type, const Json& fields, bool is_draft) {
    return call("capture", {{"type", type}, {"fields", fields}, {"draft", is_draft}})["record"];
}

Json Person::fields(const std::string& record) {
    return call("show", {{"record", record}})["fields"];
}

Json Person::value(const std::string& record, const char* field) {
    const Json all = fields(record);
    return all.contains(field) ? all[field]["value"] : Json(nullptr);
}

TestReplica Team::member(std::uint8_t number, std::string_view name, Role role) {
    const auto member = id_of<MemberId>(number);
    organisation.say(
        organisation.asha,
        MemberStatement{member,
                        seal_name(organisation.cipher, organisation.random, organisation.key, name),
                        {{id, role}},
                        test_now_ms});
    return organisation.enrol(member);
}

Team::Team(bool has_reader_keys)
    : id(organisation.add_team(0x77)),
      bela(organisation, member(0xb0, "Bela", Role::worker), 11),
      caro(organisation, member(0xc0, "Caro", Role::supervisor), 12),
      dina(organisation, member(0xd0, "Dina", Role::worker), 13) {
    if (has_reader_keys) {
        const BoxKeyPair members = organisation.cipher.make_box_keys(organisation.random);
        const BoxKeyPair supervisors = organisation.cipher.make_box_keys(organisation.random);
        std::vector<const TestReplica*> all{&bela.self, &caro.self, &dina.self};
        std::sort(all.begin(), all.end(),
                  [](const auto* left, const auto* right) { return left->id < right->id; });
        organisation.say(caro.self,
                         organisation.reader_key_body(id, Readers::members, 1, members, all));
        organisation.say(caro.self, organisation.reader_key_body(id, Readers::supervisors, 1,
                                                                 supervisors, {&caro.self}));
    }
}

void publish(Person& person, const RecordId& id) {
    OpenStore open = person.open();
    publish(open, id);
}

void carry(Person& from, Person& to) {
    OpenStore source = from.open();
    OpenStore target = to.open();
    const auto log = source.store->log();
    REQUIRE(log);
    const auto changes = source.store->changes(*log, 0, source.store->head()->sequence);
    REQUIRE(changes);
    for (const LoggedChange& change : *changes) {
        if (source.store->record(change.record).value()) publish(source, change.record);
    }
    REQUIRE(target.store->transaction([&]() -> Result<void> {
        for (const LoggedChange& change : *changes) {
            if (!change.body.empty()) TRY(take(source, target, change));
        }
        return ok();
    }));
}

std::string bytes_in(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return all;
}

}  // namespace godwit
