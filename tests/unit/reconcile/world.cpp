#include "tests/unit/reconcile/world.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/merge/digest.h"
#include "shared/model/common_fields.h"
#include "shared/protocol/frame.h"
#include "shared/protocol/short_answer.h"
#include "shared/seal/key_batch.h"
#include "shared/seal/request_envelope.h"
#include "shared/seal/segment_signature.h"
#include "sync-server/store/sight.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

template <typename Make>
Bytes item(const Make& make) {
    Bytes bytes;
    cbor::Encoder out(bytes);
    make(out);
    return bytes;
}

Operation operation(std::uint32_t field, OperationKind kind, Bytes value, Form form = Form::open) {
    Operation out;
    out.field = field;
    out.kind = kind;
    out.form = form;
    out.value = std::move(value);
    return out;
}

}  // namespace

Operation set_text(std::uint32_t field, std::string_view text) {
    return operation(field, OperationKind::set, item([&](auto& out) { out.text(text); }));
}

Operation set_owner(const MemberId& member) {
    return operation(common_field::owner, OperationKind::set,
                     item([&](auto& out) { out.id(member); }));
}

Operation set_review(std::string_view state, const Context& approved) {
    return operation(common_field::review, OperationKind::set, item([&](auto& out) {
                         out.array(2).text(state);
                         if (approved.is_empty()) {
                             out.null();
                         } else {
                             encode(out, approved);
                         }
                     }));
}

Operation set_archived(bool is_archived) {
    return operation(common_field::archived, OperationKind::set,
                     item([&](auto& out) { out.boolean(is_archived); }));
}

Operation add_text(std::uint32_t field, std::string_view text) {
    return operation(field, OperationKind::add, item([&](auto& out) { out.text(text); }));
}

Operation count_by(std::uint32_t field, std::int64_t amount) {
    return operation(field, OperationKind::increment,
                     item([&](auto& out) { out.integer(amount); }));
}

Operation set_sealed(std::uint32_t field, std::string_view bytes) {
    return operation(field, OperationKind::set,
                     item([&](auto& out) { out.bytes(bytes_of(bytes)); }), Form::sealed);
}

Operation erase_record() {
    return operation(common_field::record, OperationKind::erase, {});
}

Bytes encoded(const RecordKeyStatement& statement) {
    return encode_statement(statement);
}

Bytes encoded(const Wrap& wrap) {
    return encode_wraps_of(wrap.record, {&wrap, 1});
}

Result<std::vector<Bytes>> statements_in(const Reply& reply) {
    return decode_statements(TRY(decode_frame(reply.body)));
}

std::optional<Error> refusal_in(const Reply& reply) {
    if (reply.http_status == 200) return std::nullopt;
    const auto message = decode_frame(reply.body);
    REQUIRE(message);
    const auto refusal = decode_refusal(*message);
    REQUIRE(refusal);
    return refusal->error;
}

// Several threads may each drive a person of their own, and Catch counts for one thread only: what
// must hold here is asserted plainly.

// --- Person ------------------------------------------------------------------------------------

Person::Person(World& world, std::string called)
    : name(std::move(called)),
      member(world.random.id<MemberId>()),
      replica(world.random.id<ReplicaId>()),
      signing(world.cipher.make_signing_keys(world.random)),
      box(world.cipher.make_box_keys(world.random)),
      log(world.random.id<LogId>()),
      world_(world) {}

Change Person::draft(const RecordId& record, std::uint32_t type, const TeamId& team,
                     std::vector<Operation> operations) {
    Change change;
    change.sequence = entries.size() + 1;
    change.time = {world_.clock.now_ms() + clock_ahead_ms, 0};
    change.role = role;
    change.schema_version = schema_version();
    change.record_type = type;
    change.record = record;
    change.team = team;
    change.context = base[record].context();
    change.context.remove(log);
    change.operations = std::move(operations);
    world_.random.fill(change.salt);
    return change;
}

Dot Person::append(const Change& change) {
    return append_body(encode_change(change));
}

Dot Person::append_body(Bytes body) {
    entries.push_back(entry_of(std::move(body)));
    return {log, entries.size()};
}

RecordId Person::capture(const TeamId& team, std::uint32_t type) {
    const RecordId record = world_.random.record_id();
    write(record, type, team, {set_owner(member), set_review("draft")});
    return record;
}

LogHead Person::head_at(Sequence sequence) const {
    LogHead head = empty_head(replica, log);
    for (const Entry& entry : entries) {
        if (head.sequence == sequence) break;
        head = {head.sequence + 1, chain(head.hash, entry)};
    }
    return head;
}

Segment Person::segment(Sequence first, Sequence last) const {
    Segment out;
    out.replica = replica;
    out.log = log;
    out.first = first;
    out.previous = head_at(first - 1).hash;
    out.entries.assign(entries.begin() + static_cast<std::ptrdiff_t>(first - 1),
                       entries.begin() + static_cast<std::ptrdiff_t>(last));
    sign(world_.cipher, out, signing.secret_key);
    return out;
}

Request Person::request(Sequence after) {
    Request out;
    out.clock_ms = world_.clock.now_ms() + clock_ahead_ms;
    out.log = log;
    out.head = head();
    out.epoch = epoch;
    out.cursors = cursors;
    out.unfinished = unfinished;
    out.roster_cursor = roster_cursor;
    out.parked_cursor = parked_cursor;
    out.statements = statements;
    out.keys = keys;
    out.wraps = wraps;
    out.erased.assign(erased.begin(), erased.end());
    out.app_version = app_version;
    out.budget_bytes = budget_bytes;
    for (const Receipt& receipt : receipts) {
        if (receipt.log == log && receipt.after >= after) {
            out.receipts.push_back(encode_receipt(receipt));
        }
    }
    while (after < entries.size() && out.segments.size() < request_segments_max) {
        const Sequence last = std::min<Sequence>(entries.size(), after + segment_changes_max);
        out.segments.push_back(encode_segment(segment(after + 1, last)));
        after = last;
    }
    return out;
}

Bytes Person::envelope(const Request& request, const RequestNonceBytes& with) const {
    return sign_request(world_.cipher, path::exchange, world_.keys.signing.public_key, replica,
                        with, encode_frame(encode_request(request)), signing.secret_key);
}

Result<Answer> Person::exchange(const Request& request) {
    for (int attempt = 0;; ++attempt) {
        const Reply reply = world_.service->answer(path::exchange, envelope(request, nonce));
        const Bytes message = TRY(decode_frame(reply.body));
        if (reply.http_status == 200) {
            Answer answer = TRY(decode_answer(message));
            TRY(restore(answer, request, replica));
            return answer;
        }
        const Refusal refused = TRY(decode_refusal(message));
        if (refused.nonce) nonce = *refused.nonce;
        if (refused.error.code != ErrorCode::stale_nonce || attempt > 0) return refused.error;
    }
}

void Person::take_receipts(const Request& request, const Answer& answer) {
    for (const ParkedItem& item : answer.parked) {
        parked_items[item.number] = item;
        if (item.author == replica) parked.insert(item.dot);
    }
    for (const Bytes& bytes : answer.receipts) {
        const auto receipt = decode_receipt(bytes);
        GODWIT_ASSERT(receipt);
        GODWIT_ASSERT(verify(world_.cipher, *receipt, world_.keys.signing.public_key));
        GODWIT_ASSERT(receipt->log == request.log);
        GODWIT_ASSERT(head_at(receipt->through).hash == receipt->hash);
        if (receipt->after > delivered) continue;
        if (std::find(receipts.begin(), receipts.end(), *receipt) == receipts.end()) {
            receipts.push_back(*receipt);
        }
        delivered = std::max(delivered, receipt->through);
        for (Sequence at = receipt->after + 1; at <= receipt->through; ++at) {
            const auto change = decode_change(body_of(at));
            if (!change || parked.contains({log, at})) continue;
            apply(base[change->record], *change,
                  {log, replica, effective_time(change->time, *receipt), Mark::none});
        }
    }
}

void Person::take_records(const Answer& answer) {
    for (const TeamId& team : answer.left) {
        std::erase_if(base, [&](const auto& each) { return each.second.team == team; });
    }
    for (const Bytes& batch : answer.keys) {
        auto told = decode_batch(batch).value();
        for (RecordKeyStatement& statement : told) {
            keys_held.insert_or_assign(statement.record, std::move(statement));
        }
    }
    for (const auto& [team, delta] : answer.records) {
        auto state = decode_state(delta.state);
        GODWIT_ASSERT(state);
        if (state->is_erased) {
            if (!base[delta.record].is_erased) erased.insert(delta.record);
            unconfirmed[delta.record] = delta.unconfirmed;
        }
        merge_into(base[delta.record], std::move(*state));
        const RecordState& merged = base[delta.record];
        const Sight sight = sight_of(world_.roster, replica, team);
        if (!merged.is_erased && !may_see(merged.type, owners_in(merged), sight)) {
            base.erase(delta.record);
        }
        auto wraps_told = decode_wraps(delta.wraps, delta.record).value();
        for (Wrap& wrap : wraps_told) wraps_held[delta.record].push_back(std::move(wrap));
    }
}

void Person::absorb(const Request& request, const Answer& answer) {
    answered = answer;
    nonce = answer.nonce;
    if (epoch != answer.epoch) delivered = std::min(delivered, answer.head.sequence);
    epoch = answer.epoch;
    if (answer.standing != Standing::compromised) {
        held = answer.head.sequence;
        statements.clear();
        keys.clear();
        wraps.clear();
        for (const RecordId& id : request.erased) erased.erase(id);
    }
    take_receipts(request, answer);
    take_records(answer);
    if (answer.standing != Standing::member) return;
    append_statements(answer);
    cursors = answer.cursors;
    unfinished = answer.unfinished;
    for (const TeamId& team : answer.left) cursors.erase(team);
    roster_cursor = answer.roster_cursor;
    parked_cursor = answer.parked_cursor;
}

void Person::append_statements(const Answer& answer) {
    roster_heard.insert(roster_heard.end(), answer.statements.begin(), answer.statements.end());
}

Result<void> Person::sync() {
    held = delivered;
    while (true) {
        const Request asked = request();
        const Answer answer = TRY(exchange(asked));
        ++exchanges;
        GODWIT_ASSERT(exchanges < 10'000);
        absorb(asked, answer);
        if (answer.standing == Standing::compromised) return ok();
        if (answer.is_forked) {
            open_log(answer.forked_after);
        } else if (answer.head.sequence > entries.size()) {
            open_log(entries.size());
        } else if (!answer.has_more && answer.head == head() && erased.empty()) {
            return ok();
        }
    }
}

void Person::lose_answer() {
    held = delivered;
    const auto answer = exchange(request());
    GODWIT_ASSERT(answer);
    nonce = {};
}

void Person::open_log(Sequence common) {
    const LogId from = log;
    const std::vector<Entry> branch(entries.begin() + static_cast<std::ptrdiff_t>(common),
                                    entries.end());
    if (delivered > common) {
        // What was held of the branch came into records by receipts: they are told anew.
        base.clear();
        cursors.clear();
    }
    log = world_.random.id<LogId>();
    entries.clear();
    delivered = 0;
    held = 0;
    for (const Entry& entry : branch) {
        const auto change = decode_change(entry.body);
        if (!change) continue;
        Change again = reissue(*change, from, common, entry.digest);
        again.sequence = entries.size() + 1;
        again.role = role;
        if (!entries.empty()) again.context.add({log, entries.size()});
        append(again);
    }
}

Digest Person::digest() const {
    StateDigest out;
    for (const auto& [id, state] : base) {
        if (state.fields.empty() && !state.is_erased) continue;
        out.add(id, encode_state(state));
    }
    return out.finish();
}

Bytes Person::state(StatementBody body) {
    Statement statement;
    statement.organisation = world_.organisation;
    statement.signer = replica.bytes;
    statement.number = ++statement_number_;
    statement.previous = statement_hash_;
    statement.body = std::move(body);
    Bytes bytes = sign_statement(world_.cipher, statement, signing.secret_key);
    statement_hash_ = sha256({bytes});
    return bytes;
}

// --- World -------------------------------------------------------------------------------------

World::World()
    : cipher(SodiumCipher::create().value()),
      random(SodiumRandom::create().value()),
      root(cipher.make_signing_keys(random)),
      recovery(cipher.make_box_keys(random)),
      organisation(organisation_id(root.public_key)),
      roster(cipher, organisation) {
    keys.signing = cipher.make_signing_keys(random);
    random.fill(keys.founding_secret);
    store = ServerStore::open(folder.path(), true, cipher, random, clock).value();
    service = std::make_unique<Service>(*store, keys, cipher, random, clock);
    found();
}

World::~World() {
    stop();
}

void World::found() {
    dina = &people.emplace_back(*this, "dina");
    dina->role = Role::administrator;
    Founding founding;
    founding.root = root.public_key;
    founding.server = keys.signing.public_key;
    founding.recovery = recovery.public_key;
    founding.sealed_name = Bytes(64, 1);
    founding.member = dina->member;
    founding.sealed_member_name = Bytes(64, 2);
    founding.replica = {dina->replica, dina->signing.public_key, dina->box.public_key};
    founding.wall_ms = clock.now_ms();
    Statement statement;
    statement.organisation = organisation;
    statement.signer = organisation.bytes;
    statement.body = founding;
    FoundingRequest request;
    request.secret = keys.founding_secret;
    request.statement = sign_statement(cipher, statement, root.secret_key);
    const Reply reply =
        service->answer(path::found, encode_frame(encode_founding_request(request)));
    REQUIRE(reply.http_status == 200);
    REQUIRE(roster.accept(request.statement, clock.now_ms()));
}

void World::say(StatementBody body) {
    dina->statements.push_back(dina->state(std::move(body)));
    const Bytes statement = dina->statements.back();
    const auto heard = roster.accept(statement, clock.now_ms());
    CAPTURE(heard);
    REQUIRE(heard);
    REQUIRE(dina->sync());
}

TeamId World::add_team() {
    const auto team = random.id<TeamId>();
    say(TeamStatement{team, Bytes(64, 3), clock.now_ms()});
    return team;
}

void World::place(const Person& person, std::vector<Place> places) {
    std::sort(places.begin(), places.end());
    say(MemberStatement{person.member, Bytes(64, 4), std::move(places), clock.now_ms()});
}

void World::revoke(const Person& person, Manner manner) {
    say(Revocation{person.replica, manner, clock.now_ms()});
}

Person& World::join(const std::string& name, std::vector<Place> places) {
    std::sort(places.begin(), places.end());
    Person& person = people.emplace_back(*this, name);
    person.role = places.empty() ? Role::worker : places.front().role;
    place(person, places);
    const SigningKeyPair invitation_key = cipher.make_signing_keys(random);
    const auto invitation = random.id<InvitationId>();
    say(InvitationStatement{invitation, invitation_key.public_key, person.member, places,
                            clock.now_ms() + 86'400'000, clock.now_ms()});
    const ReplicaKeys joining{person.replica, person.signing.public_key, person.box.public_key};
    Enrolment enrolment{invitation, joining, {}, clock.now_ms()};
    enrolment.consent =
        cipher.sign(enrolment_bytes(organisation, invitation, joining), invitation_key.secret_key);
    const Bytes statement = person.state(enrolment);
    const Reply reply = service->answer(path::enrol, encode_frame(encode_statements({statement})));
    REQUIRE(reply.http_status == 200);
    REQUIRE(roster.accept(statement, clock.now_ms()));
    return person;
}

Person& World::clone(const Person& person) {
    Person& copy = people.emplace_back(*this, person.name);
    copy.member = person.member;
    copy.replica = person.replica;
    copy.signing.public_key = person.signing.public_key;
    copy.signing.secret_key = person.signing.secret_key.duplicate();
    copy.box.public_key = person.box.public_key;
    copy.role = person.role;
    copy.log = person.log;
    copy.entries = person.entries;
    copy.base = person.base;
    copy.parked = person.parked;
    copy.receipts = person.receipts;
    copy.epoch = person.epoch;
    copy.cursors = person.cursors;
    copy.roster_cursor = person.roster_cursor;
    copy.parked_cursor = person.parked_cursor;
    copy.nonce = person.nonce;
    copy.delivered = person.delivered;
    copy.held = person.held;
    return copy;
}

void World::stop() {
    service.reset();
    store.reset();
}

void World::start() {
    store = ServerStore::open(folder.path(), false, cipher, random, clock).value();
    service = std::make_unique<Service>(*store, keys, cipher, random, clock);
}

void World::restart() {
    stop();
    start();
}

Digest World::digest_for(const Person& person) {
    const auto digest = store->digest(person.replica);
    REQUIRE(digest);
    return *digest;
}

VerifyReport World::verify() {
    const auto report = store->verify({});
    REQUIRE(report);
    return *report;
}

StoreStatus World::status() {
    const auto status = store->status();
    REQUIRE(status);
    return *status;
}

}  // namespace godwit
