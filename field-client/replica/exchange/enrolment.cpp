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

/// Keeps `beginning`; yields what is told of it in the end. Sensitive: it may bring the phrase and
/// the recovery key.
Result<Json> take_place(Host& host, Store& store, Beginning& beginning,
                        const std::optional<std::string>& phrase) {
    Json place = {{"member", to_text(beginning.member)},
                  {"replica", to_text(beginning.identity.replica)},
                  {"organisation", to_text(beginning.identity.organisation)},
                  {"role", name_of(beginning.role)}};
    const std::string secret = phrase ? *phrase : make_phrase(host.random);
    TRY(keep(host, store, beginning, secret));
    if (!phrase) place["phrase"] = secret;
    if (beginning.recovery) place["recovery"] = format_base64url(beginning.recovery->view());
    return place;
}

/// Telling the server of a founding or an enrolment that the store keeps.
class Enrol final : public Errand {
public:
    enum class Kind : std::uint8_t {
        founding,
        founding_again,  ///< The reply was lost, or it never arrived.
        invited,
    };

    /// `link` has asked with `statement`; `place` is what is told in the end.
    Enrol(Host& host, Store& store, Kind kind, Bytes statement, Json place, ServerLink link)
        : host_(host),
          store_(store),
          kind_(kind),
          statement_(std::move(statement)),
          place_(std::move(place)),
          link_(std::move(link)) {}

    [[nodiscard]] const Post* wanted() const override { return link_.wanted(); }

    void take(const Heard& heard) override { told_ = absorb(heard); }

    Result<Json> outcome() override {
        if (!told_ && kind_ == Kind::founding_again) return told_.error();
        if (!told_ && !is_for_later(told_.error())) {
            TRY(store_.destroy_keys());
            return told_.error();
        }
        place_["reached"] = static_cast<bool>(told_);
        return std::move(place_);
    }

private:
    Result<void> absorb(const Heard& heard) {
        const auto answer = TRY(link_.take(heard));
        if (!answer) return ok();
        if (kind_ != Kind::invited) {
            return store_.transaction(
                [&] { return store_.clear_queued_statement(sha256({statement_})); });
        }
        TRY(take_enrolment(store_, host_.cipher, statement_, *answer));
        return ok();
    }

    Host& host_;
    Store& store_;
    Kind kind_;
    Bytes statement_;
    Json place_;
    ServerLink link_;
    Result<void> told_;
};

std::unique_ptr<Errand> tell_founding(Host& host, Store& store, Enrol::Kind kind,
                                      const FoundingLink& link, Bytes statement, Json place) {
    ServerLink server(host, link.server_url, link.server_pin);
    server.ask(path::found, encode_founding_request({link.secret, statement}));
    return std::make_unique<Enrol>(host, store, kind, std::move(statement), std::move(place),
                                   std::move(server));
}

/// The same link takes up a founding that the server has not confirmed.
Result<std::unique_ptr<Errand>> resume_founding(Host& host, Store& store, const FoundingLink& link,
                                                const EnrolParameters& given) {
    if (!store.is_unlocked()) {
        if (!given.phrase) return ErrorCode::already_enrolled;
        TRY(store.unlock(*given.phrase));
    }
    auto founding = TRY(waiting_founding(store));
    if (!founding) return ErrorCode::already_enrolled;
    // Whoever locked it away would learn only in need that it opens nothing.
    if (given.recovery && host.cipher.public_key_of(*given.recovery) != founding->recovery) {
        return Error{ErrorCode::wrong_parameters,
                     "recovery: this founding was begun with another recovery key; keep that one"};
    }
    const Identity& self = store.identity();
    Json place = {{"replica", to_text(self.replica)},
                  {"member", to_text(self.member)},
                  {"organisation", to_text(self.organisation)},
                  {"role", name_of(Role::administrator)}};
    return tell_founding(host, store, Enrol::Kind::founding_again, link,
                         std::move(founding->statement), std::move(place));
}

Result<std::unique_ptr<Errand>> found(Host& host, Store& store, const FoundingLink& link,
                                      const EnrolParameters& given) {
    if (store.exists()) return resume_founding(host, store, link, given);
    const bool is_named = given.organisation && !given.organisation->empty() && given.member &&
                          !given.member->empty();
    if (!is_named) {
        return Error{ErrorCode::wrong_parameters,
                     "founding needs the names: organisation and member"};
    }
    Beginning beginning = begin_founding(host, link, given);
    Json place = TRY(take_place(host, store, beginning, given.phrase));
    return tell_founding(host, store, Enrol::Kind::founding, link, std::move(beginning.statement),
                         std::move(place));
}

bool is_enrolment_of(const Statement& statement, const ReplicaId& replica) {
    return statement.signer == replica.bytes && std::holds_alternative<Enrolment>(statement.body);
}

}  // namespace

Result<std::optional<Bytes>> unconfirmed_enrolment(Store& store) {
    // The proof stands until the server has confirmed the enrolment. Later on statements wait for
    // other reasons, enrolments among them, and keep the order they have.
    std::optional<Bytes> own;
    if (TRY(store.proof()).empty()) return own;
    for (Bytes& bytes : TRY(store.queued_statements())) {
        const Statement statement = TRY(decode_statement(bytes));
        if (is_enrolment_of(statement, store.identity().replica)) own = std::move(bytes);
    }
    return own;
}

Result<Roster> take_enrolment(Store& store, const Cipher& cipher, ByteView own, ByteView answer) {
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
    if (!whole.holds(sha256({own}))) {
        return Error{ErrorCode::bad_key, "the server told a roster that leaves this replica out"};
    }
    TRY(store.transaction([&]() -> Result<void> {
        TRY(store.save_proof({}));
        TRY(store.forget_statement(sha256({own})));
        for (const Bytes& statement : told) TRY(store.add_statement(statement, false));
        return ok();
    }));
    return whole;
}

Result<std::vector<Bytes>> enrolment_again(Store& store) {
    std::vector<Bytes> told;
    std::optional<Bytes> own;
    for (Bytes& bytes : TRY(store.statements())) {
        const Statement statement = TRY(decode_statement(bytes));
        if (is_enrolment_of(statement, store.identity().replica))
            own = std::move(bytes);
        else
            told.push_back(std::move(bytes));
    }
    if (!own) return ErrorCode::unknown_replica;
    told.push_back(*std::move(own));
    return told;
}

Result<std::unique_ptr<Errand>> begin_enrol(Host& host, Store& store, const Json& parameters) {
    const EnrolParameters given = TRY(read_parameters(parameters));
    if (const Result<FoundingLink> link = parse_founding_link(given.invitation)) {
        return found(host, store, *link, given);
    }
    Invitation invitation = TRY(parse_invitation(given.invitation));
    if (given.recovery) {
        return Error{ErrorCode::wrong_parameters,
                     "recovery: only founding takes one; an invitation brings its organisation's"};
    }
    if (store.exists()) return ErrorCode::already_enrolled;
    Beginning beginning = TRY(begin_invited(host, invitation));
    Json place = TRY(take_place(host, store, beginning, given.phrase));
    ServerLink server(host, store.identity().server_url, store.identity().server_pin);
    server.ask(path::enrol, encode_statements({beginning.statement}));
    return std::unique_ptr<Errand>(std::make_unique<Enrol>(host, store, Enrol::Kind::invited,
                                                           std::move(beginning.statement),
                                                           std::move(place), std::move(server)));
}

}  // namespace godwit
