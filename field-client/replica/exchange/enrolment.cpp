// enrol: how a folder becomes a replica.

#include "field-client/replica/exchange/enrolment.h"

#include <algorithm>

#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/lookup.h"
#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "shared/protocol/messages.h"
#include "shared/seal/phrase.h"

namespace godwit {

namespace {

/// What a replica begins with. Sensitive.
struct Beginning {
    Identity identity;
    std::vector<Bytes> proof;
    Bytes statement;  ///< Its founding or enrolment statement.
    MemberId member;
    Role role{Role::worker};
    std::optional<BoxSecretKey> recovery;  ///< Made here, at founding: told once, kept nowhere.
};

ReplicaKeys public_keys(const Identity& identity) {
    return {identity.replica, identity.signing.public_key, identity.box.public_key};
}

Identity make_identity(Host& host) {
    Identity identity;
    identity.replica = host.random.id<ReplicaId>();
    identity.signing = host.cipher.make_signing_keys(host.random);
    identity.box = host.cipher.make_box_keys(host.random);
    return identity;
}

/// Sensitive.
struct EnrolParameters {
    std::string invitation;
    std::optional<std::string> phrase;
    std::optional<std::string> organisation;
    std::optional<std::string> member;
    std::optional<BoxSecretKey> recovery;  ///< One that whoever calls has put in a safe place.
};

Beginning begin_founding(Host& host, const FoundingLink& link, const EnrolParameters& given) {
    Beginning out;
    out.identity = make_identity(host);
    Identity& self = out.identity;
    self.member = host.random.id<MemberId>();
    self.root = host.cipher.make_signing_keys(host.random);
    self.organisation = organisation_id(self.root->public_key);
    host.random.fill(self.organisation_key.bytes);
    self.server_url = link.server_url;
    self.server_pin = link.server_pin;
    BoxSecretKey recovery;
    if (given.recovery) {
        recovery = given.recovery->duplicate();
    } else {
        host.random.fill(recovery.bytes);
    }

    Founding body;
    body.root = self.root->public_key;
    body.server = link.server_key;
    body.recovery = host.cipher.public_key_of(recovery);
    body.sealed_name =
        seal_name(host.cipher, host.random, self.organisation_key, *given.organisation);
    body.member = self.member;
    body.sealed_member_name =
        seal_name(host.cipher, host.random, self.organisation_key, *given.member);
    body.replica = public_keys(self);
    body.wall_ms = host.wall.now_ms();
    Statement statement;
    statement.organisation = self.organisation;
    statement.signer = self.organisation.bytes;
    statement.body = std::move(body);
    out.statement = sign_statement(host.cipher, statement, self.root->secret_key);
    out.member = self.member;
    out.role = Role::administrator;
    if (!given.recovery) out.recovery = std::move(recovery);
    return out;
}

/// The invitation whose key the seed makes, out of the proof that came with it.
Result<InvitationStatement> invitation_in(const std::vector<Bytes>& proof,
                                          const SigningPublicKey& key) {
    for (const Bytes& bytes : proof) {
        const Statement statement = TRY(decode_statement(bytes));
        const auto* body = std::get_if<InvitationStatement>(&statement.body);
        if (body != nullptr && body->key == key) return *body;
    }
    return Error{ErrorCode::malformed, "the invitation does not prove itself"};
}

Result<Beginning> begin_invited(Host& host, Invitation& invitation) {
    const SigningKeyPair key = host.cipher.signing_keys_from(invitation.seed);
    const InvitationStatement body = TRY(invitation_in(invitation.proof, key.public_key));
    Beginning out;
    out.identity = make_identity(host);
    Identity& self = out.identity;
    self.member = body.member;
    self.organisation = invitation.organisation;
    self.organisation_key = std::move(invitation.organisation_key);
    self.server_url = invitation.server_url;
    self.server_pin = invitation.server_pin;

    Enrolment enrolment;
    enrolment.invitation = body.invitation;
    enrolment.replica = public_keys(self);
    enrolment.consent = host.cipher.sign(
        enrolment_bytes(self.organisation, body.invitation, enrolment.replica), key.secret_key);
    enrolment.wall_ms = host.wall.now_ms();
    Statement statement;
    statement.organisation = self.organisation;
    statement.signer = self.replica.bytes;
    statement.body = std::move(enrolment);
    out.statement = sign_statement(host.cipher, statement, self.signing.secret_key);
    out.proof = std::move(invitation.proof);
    out.member = body.member;
    if (body.places.empty()) {
        return Error{ErrorCode::malformed, "the invitation is to no place"};
    }
    out.role = body.places.front().role;

    // All of it must hold together before a folder is touched.
    Roster roster(host.cipher, self.organisation);
    TRY(roster.accept_proof(out.proof));
    TRY(roster.accept(out.statement, std::nullopt));
    return out;
}

Result<void> keep(Host& host, Store& store, Beginning& beginning, std::string_view phrase) {
    // All at once: a store that does not know how it came to be could neither work nor begin again.
    return store.create(std::move(beginning.identity), phrase, host.random.id<LogId>(),
                        [&]() -> Result<void> {
                            if (!beginning.proof.empty()) TRY(store.save_proof(beginning.proof));
                            return store.add_statement(beginning.statement, true);
                        });
}

/// Does a refusal leave hope that the same statement is taken later?
bool is_for_later(const Error& error) {
    // The invitation proves itself; its administrator has yet to tell the server of it.
    if (error.code == ErrorCode::invitation_unknown) return true;
    switch (error.kind()) {
        case ErrorKind::stale:
        case ErrorKind::busy:
        case ErrorKind::unreachable:
            return true;
        case ErrorKind::refused:
        case ErrorKind::corrupt:
            return false;
    }
    return false;
}

Result<void> tell_founding(Host& host, Store& store, const FoundingLink& link, ByteView statement) {
    ServerLink server(host, link.server_url, link.server_pin);
    FoundingRequest request;
    request.secret = link.secret;
    request.statement = copy_of(statement);
    TRY(server.post(path::found, encode_founding_request(request)));
    return store.transaction([&] { return store.clear_queued_statement(sha256({statement})); });
}

/// A founding that the server has not confirmed.
struct WaitingFounding {
    Bytes statement;
    BoxPublicKey recovery;
};

Result<std::optional<WaitingFounding>> waiting_founding(Store& store) {
    for (Bytes& bytes : TRY(store.queued_statements())) {
        const Statement statement = TRY(decode_statement(bytes));
        if (const auto* body = std::get_if<Founding>(&statement.body)) {
            return std::optional(WaitingFounding{std::move(bytes), body->recovery});
        }
    }
    return std::optional<WaitingFounding>();
}

/// The reply to a founding was lost, or it never arrived: the same link takes it up again.
Result<Json> resume_founding(Host& host, Store& store, const FoundingLink& link,
                             const EnrolParameters& given) {
    if (!store.is_unlocked()) {
        if (!given.phrase) return ErrorCode::already_enrolled;
        TRY(store.unlock(*given.phrase));
    }
    const auto founding = TRY(waiting_founding(store));
    if (!founding) return ErrorCode::already_enrolled;
    // Whoever locked it away would learn only in need that it opens nothing.
    if (given.recovery && host.cipher.public_key_of(*given.recovery) != founding->recovery) {
        return Error{ErrorCode::wrong_parameters,
                     "recovery: this founding was begun with another recovery key; keep that one"};
    }
    TRY(tell_founding(host, store, link, founding->statement));
    const Identity& self = store.identity();
    return Json{{"replica", to_text(self.replica)},
                {"member", to_text(self.member)},
                {"organisation", to_text(self.organisation)},
                {"role", name_of(Role::administrator)},
                {"reached", true}};
}

/// Wipes `text`.
Result<BoxSecretKey> read_recovery(std::string& text) {
    Bytes bytes = parse_base64url(text).value_or(Bytes{});
    wipe(text);
    BoxSecretKey secret;
    const bool is_key = bytes.size() == secret.bytes.size();
    if (is_key) std::copy(bytes.begin(), bytes.end(), secret.bytes.begin());
    wipe(bytes);
    if (!is_key) return Error{ErrorCode::wrong_parameters, "recovery: not 32 bytes as base64url"};
    return secret;
}

Result<EnrolParameters> read_parameters(const Json& parameters) {
    Parameters given(parameters);
    EnrolParameters out;
    out.invitation = TRY(given.text("invitation"));
    out.phrase = TRY(given.optional_text("phrase"));
    out.organisation = TRY(given.optional_text("organisation"));
    out.member = TRY(given.optional_text("member"));
    auto recovery = TRY(given.optional_text("recovery"));
    if (recovery) out.recovery = TRY(read_recovery(*recovery));
    TRY(given.finish());
    if (out.phrase && normalise_phrase(*out.phrase).empty()) {
        return Error{ErrorCode::wrong_parameters, "phrase: it is empty"};
    }
    return out;
}

/// Keeps `beginning` and tells the server; `tell` is given the statement.
Result<Json> take_place(Host& host, Store& store, Beginning& beginning,
                        const std::optional<std::string>& phrase,
                        const std::function<Result<void>(ByteView)>& tell) {
    Json result = {{"member", to_text(beginning.member)},
                   {"replica", to_text(beginning.identity.replica)},
                   {"organisation", to_text(beginning.identity.organisation)},
                   {"role", name_of(beginning.role)}};
    const std::string secret = phrase ? *phrase : make_phrase(host.random);
    TRY(keep(host, store, beginning, secret));
    const Result<void> told = tell(beginning.statement);
    if (!told && !is_for_later(told.error())) {
        TRY(store.destroy_keys());
        return told.error();
    }
    result["reached"] = static_cast<bool>(told);
    if (!phrase) result["phrase"] = secret;
    if (beginning.recovery) result["recovery"] = format_base64url(beginning.recovery->view());
    return result;
}

}  // namespace

Result<void> tell_enrolment(Store& store, Roster& roster, const Cipher& cipher,
                            ServerLink& server) {
    // The proof stands until the server has confirmed the enrolment. Later on statements wait for
    // other reasons, enrolments among them, and keep the order they have.
    if (TRY(store.proof()).empty()) return ok();
    std::optional<Bytes> own;
    for (Bytes& bytes : TRY(store.queued_statements())) {
        const Statement statement = TRY(decode_statement(bytes));
        const bool is_own = statement.signer == store.identity().replica.bytes;
        if (is_own && std::holds_alternative<Enrolment>(statement.body)) own = std::move(bytes);
    }
    if (!own) return ok();
    const Bytes answer = TRY(server.post(path::enrol, encode_statements({*own})));
    const std::vector<Bytes> told = TRY(decode_statements(answer));
    // Whole chains take the place of the proof, which some administrator may have signed again
    // since. The organisation's id vouches for the root, the root for the rest.
    Roster whole(cipher, store.identity().organisation);
    for (const Bytes& statement : told) {
        if (!whole.accept(statement, std::nullopt)) {
            return Error{ErrorCode::bad_key,
                         "the server told a statement of the roster that does not hold"};
        }
    }
    if (!whole.holds(sha256({*own}))) {
        return Error{ErrorCode::bad_key, "the server told a roster that leaves this replica out"};
    }
    TRY(store.transaction([&]() -> Result<void> {
        TRY(store.save_proof({}));
        TRY(store.forget_statement(sha256({*own})));
        for (const Bytes& statement : told) TRY(store.add_statement(statement, false));
        return ok();
    }));
    roster = std::move(whole);
    return ok();
}

Result<void> tell_enrolment_again(Store& store, ServerLink& server) {
    std::vector<Bytes> told;
    std::optional<Bytes> own;
    for (Bytes& bytes : TRY(store.statements())) {
        const Statement statement = TRY(decode_statement(bytes));
        const bool is_own = statement.signer == store.identity().replica.bytes;
        if (is_own && std::holds_alternative<Enrolment>(statement.body))
            own = std::move(bytes);
        else
            told.push_back(std::move(bytes));
    }
    if (!own) return ErrorCode::unknown_replica;
    told.push_back(*std::move(own));
    TRY(server.post(path::enrol, encode_statements(told)));
    return ok();
}

Result<Json> enrol_method(Host& host, Store& store, const Json& parameters) {
    EnrolParameters given = TRY(read_parameters(parameters));
    Result<FoundingLink> link = parse_founding_link(given.invitation);
    if (link) {
        if (store.exists()) return resume_founding(host, store, *link, given);
        if (!given.organisation || given.organisation->empty() || !given.member ||
            given.member->empty()) {
            return Error{ErrorCode::wrong_parameters,
                         "founding needs the names: organisation and member"};
        }
        Beginning beginning = begin_founding(host, *link, given);
        return take_place(host, store, beginning, given.phrase, [&](ByteView statement) {
            return tell_founding(host, store, *link, statement);
        });
    }
    Invitation invitation = TRY(parse_invitation(given.invitation));
    if (given.recovery) {
        return Error{ErrorCode::wrong_parameters,
                     "recovery: only founding takes one; an invitation brings its organisation's"};
    }
    if (store.exists()) return ErrorCode::already_enrolled;
    Beginning beginning = TRY(begin_invited(host, invitation));
    return take_place(host, store, beginning, given.phrase, [&](ByteView) -> Result<void> {
        Roster roster(host.cipher, store.identity().organisation);
        TRY(roster.accept_proof(TRY(store.proof())));
        TRY(roster.accept(beginning.statement, std::nullopt));
        ServerLink server(host, store.identity().server_url, store.identity().server_pin);
        return tell_enrolment(store, roster, host.cipher, server);
    });
}

}  // namespace godwit
