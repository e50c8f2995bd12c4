#include "shared/protocol/frame.h"
#include "tests/support/catch.h"
#include "tests/unit/reconcile/world.h"

namespace godwit {
namespace {

/// A server that nobody has founded yet.
struct Unfounded {
    Folder folder;
    SodiumCipher cipher = SodiumCipher::create().value();
    SodiumRandom random = SodiumRandom::create().value();
    TestClock clock;
    ServerKeys keys{cipher.make_signing_keys(random), {}};
    std::unique_ptr<ServerStore> store;
    std::unique_ptr<Service> service;
    SigningKeyPair root = cipher.make_signing_keys(random);

    Unfounded() {
        random.fill(keys.founding_secret);
        store = ServerStore::open(folder.path(), true, cipher, random, clock).value();
        service = std::make_unique<Service>(*store, keys, cipher, random, clock);
    }
    ~Unfounded() {
        service.reset();
        store.reset();
    }
    Unfounded(const Unfounded&) = delete;
    Unfounded& operator=(const Unfounded&) = delete;

    FoundingRequest request() {
        const SigningKeyPair signing = cipher.make_signing_keys(random);
        const BoxKeyPair box = cipher.make_box_keys(random);
        Founding founding;
        founding.root = root.public_key;
        founding.server = keys.signing.public_key;
        founding.recovery = box.public_key;
        founding.sealed_name = Bytes(64, 1);
        founding.member = random.id<MemberId>();
        founding.sealed_member_name = Bytes(64, 2);
        founding.replica = {random.id<ReplicaId>(), signing.public_key, box.public_key};
        founding.wall_ms = clock.now_ms();
        return {keys.founding_secret, sign(founding)};
    }
    Bytes sign(const StatementBody& body) {
        Statement statement;
        statement.organisation = organisation_id(root.public_key);
        statement.signer = statement.organisation.bytes;
        statement.body = body;
        return sign_statement(cipher, statement, root.secret_key);
    }
    Reply found(const FoundingRequest& request) {
        return service->answer(path::found, encode_frame(encode_founding_request(request)));
    }
    [[nodiscard]] bool is_founded() { return store->status().value().is_founded; }
};

/// An invitation from dina for `member`, and an enrolment with it.
struct Joining {
    World& world;
    Person& person;
    SigningKeyPair key;
    InvitationId id;

    Joining(World& in, Person& who, std::int64_t valid_ms)
        : world(in),
          person(who),
          key(in.cipher.make_signing_keys(in.random)),
          id(in.random.id<InvitationId>()) {
        world.place(person, {});
        world.say(InvitationStatement{id,
                                      key.public_key,
                                      person.member,
                                      {},
                                      world.clock.now_ms() + valid_ms,
                                      world.clock.now_ms()});
    }
    Bytes enrolment() {
        const ReplicaKeys keys{person.replica, person.signing.public_key, person.box.public_key};
        Enrolment body{id, keys, {}, world.clock.now_ms()};
        body.consent =
            world.cipher.sign(enrolment_bytes(world.organisation, id, keys), key.secret_key);
        return person.state(body);
    }
    Reply send(const std::vector<Bytes>& statements) {
        return world.service->answer(path::enrol, encode_frame(encode_statements(statements)));
    }
};

}  // namespace

TEST_CASE("an organisation is founded once, by whoever holds the secret", "[enrolment]") {
    Unfounded u;
    const FoundingRequest request = u.request();

    const Reply founded = u.found(request);

    REQUIRE(founded.http_status == 200);
    CHECK(statements_in(founded).value() == std::vector<Bytes>{request.statement});
    CHECK(u.is_founded());
    SECTION("the same founding again is answered alike: its answer was lost") {
        CHECK(u.found(request).body == founded.body);
    }
    SECTION("another founding is refused, the secret notwithstanding") {
        CHECK(refusal_in(u.found(u.request()))->code == ErrorCode::already_founded);
    }
    SECTION("it stays founded through a restart") {
        u.service.reset();
        u.store.reset();
        u.store = ServerStore::open(u.folder.path(), false, u.cipher, u.random, u.clock).value();
        u.service = std::make_unique<Service>(*u.store, u.keys, u.cipher, u.random, u.clock);
        CHECK(refusal_in(u.found(u.request()))->code == ErrorCode::already_founded);
        CHECK(u.found(request).http_status == 200);
    }
}

TEST_CASE("a founding that proves nothing founds nothing", "[enrolment]") {
    Unfounded u;
    FoundingRequest request = u.request();
    SECTION("another secret") {
        request.secret[31] ^= 1U;
        CHECK(refusal_in(u.found(request))->code == ErrorCode::not_permitted);
    }
    SECTION("a statement changed on the way") {
        request.statement.back() ^= 1U;
        CHECK(refusal_in(u.found(request))->code == ErrorCode::bad_signature);
    }
    SECTION("another server's key") {
        Founding founding = std::get<Founding>(decode_statement(request.statement).value().body);
        founding.server = u.root.public_key;
        request.statement = u.sign(founding);
        CHECK(refusal_in(u.found(request))->code == ErrorCode::wrong_server);
    }
    SECTION("a statement of another kind") {
        request.statement = u.sign(TeamStatement{u.random.id<TeamId>(), Bytes(64, 1), 0});
        CHECK(refusal_in(u.found(request))->code == ErrorCode::malformed);
    }
    SECTION("no founding request at all") {
        const Reply reply = u.service->answer(path::found, encode_frame(Bytes{0x80}));
        CHECK(reply.http_status != 200);
    }
    CHECK_FALSE(u.is_founded());
}

TEST_CASE("before the founding nobody exchanges or enrols", "[enrolment]") {
    Unfounded u;
    CHECK(refusal_in(u.service->answer(path::exchange, Bytes(200, 0)))->code ==
          ErrorCode::malformed);
    CHECK(refusal_in(u.service->answer(path::enrol, encode_frame(encode_statements({}))))->code ==
          ErrorCode::not_founded);
}

TEST_CASE("who is invited enrols, is told the whole roster, and may exchange at once",
          "[enrolment]") {
    World world;
    Person bela(world, "bela");
    Joining joining(world, bela, 60'000);
    const Bytes enrolment = joining.enrolment();

    const Reply reply = joining.send({enrolment});

    REQUIRE(reply.http_status == 200);
    const auto told = statements_in(reply).value();
    CHECK(told.back() == enrolment);
    Roster roster(world.cipher, world.organisation);
    for (const Bytes& statement : told) REQUIRE(roster.accept(statement, std::nullopt));
    CHECK(roster.replica(bela.replica) != nullptr);
    CHECK(bela.sync());
    SECTION("the same enrolment again is answered alike") {
        CHECK(joining.send({enrolment}).body == reply.body);
    }
    SECTION("the invitation does not work twice") {
        Person eve(world, "eve");
        const ReplicaKeys keys{eve.replica, eve.signing.public_key, eve.box.public_key};
        Enrolment body{joining.id, keys, {}, world.clock.now_ms()};
        body.consent = world.cipher.sign(enrolment_bytes(world.organisation, joining.id, keys),
                                         joining.key.secret_key);
        const auto refused = refusal_in(joining.send({eve.state(body)}));
        REQUIRE(refused);
        CHECK(refused->code == ErrorCode::invitation_used);
    }
}

TEST_CASE("an enrolment that does not hold enrols nobody", "[enrolment]") {
    World world;
    Person bela(world, "bela");
    Joining joining(world, bela, 60'000);
    const std::uint64_t replicas = world.status().replicas;
    SECTION("too late") {
        const Bytes enrolment = joining.enrolment();
        world.clock.advance(60'001);
        CHECK(refusal_in(joining.send({enrolment}))->code == ErrorCode::invitation_expired);
    }
    SECTION("an invitation nobody made") {
        joining.id = world.random.id<InvitationId>();
        CHECK(refusal_in(joining.send({joining.enrolment()}))->code ==
              ErrorCode::invitation_unknown);
    }
    SECTION("without the invitation's key") {
        joining.key = world.cipher.make_signing_keys(world.random);
        CHECK(refusal_in(joining.send({joining.enrolment()}))->code == ErrorCode::bad_signature);
    }
    SECTION("another statement in its place") {
        CHECK(refusal_in(joining.send({world.dina->state(
                             TeamStatement{world.random.id<TeamId>(), Bytes(64, 1), 0})}))
                  ->code == ErrorCode::bad_request);
    }
    SECTION("nothing at all") {
        CHECK(refusal_in(joining.send({}))->code == ErrorCode::bad_request);
    }
    CHECK(world.status().replicas == replicas);
}

TEST_CASE("an administrator vouches for an enrolment whose invitation has expired since",
          "[enrolment]") {
    World world;
    Person bela(world, "bela");
    Joining joining(world, bela, 60'000);
    const Bytes enrolment = joining.enrolment();
    world.clock.advance(60'001);

    Request request = world.dina->request();
    request.statements = {enrolment};
    const auto answer = world.dina->exchange(request);

    REQUIRE(answer);
    CHECK_FALSE(answer->verdicts.front());
    CHECK(bela.sync());
}

}  // namespace godwit
