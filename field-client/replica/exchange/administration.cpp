// roster, team, member, invite, revoke, grant: what administrators and supervisors say of who
// belongs. Everything is signed here, kept, and sent with the next sync.

#include <algorithm>

#include "field-client/replica/exchange/key_work.h"
#include "field-client/replica/exchange/methods.h"
#include "field-client/replica/exchange/own_statements.h"
#include "field-client/replica/iso_time.h"
#include "field-client/replica/lookup.h"
#include "shared/base/text.h"
#include "shared/seal/invitation.h"
#include "shared/seal/roster_proof.h"

namespace godwit {

namespace {

constexpr std::size_t name_bytes_max = 400;
constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

std::string_view name_of_readers(Readers readers) {
    return readers == Readers::members ? "members" : "supervisors";
}

std::string_view name_of_manner(Manner manner) {
    return manner == Manner::retired ? "retired" : "compromised";
}

Json json_of(const std::vector<Roster::Waiting>& waiting) {
    Json out = Json::array();
    for (const Roster::Waiting& each : waiting) {
        out.push_back({{"team", to_text(each.team)},
                       {"readers", name_of_readers(each.readers)},
                       {"replica", to_text(each.replica)}});
    }
    return out;
}

Json json_of(const std::vector<Place>& places) {
    Json out = Json::array();
    for (const Place& place : places) {
        out.push_back({{"team", to_text(place.team)}, {"role", name_of(place.role)}});
    }
    return out;
}

Json teams_of(const Session& session) {
    Json teams = Json::array();
    for (const auto& [team, sealed] : session.roster.teams()) {
        Json readers = Json::array();
        for (const Readers kind : {Readers::members, Readers::supervisors}) {
            const Roster::ReaderKeyEntry* key = session.roster.reader_key(team, kind);
            if (key == nullptr) continue;
            Json granted = Json::array();
            for (const auto& [replica, box] : key->grants) granted.push_back(to_text(replica));
            readers.push_back({{"readers", name_of_readers(kind)},
                               {"epoch", key->epoch},
                               {"granted", std::move(granted)}});
        }
        teams.push_back({{"team", to_text(team)},
                         {"name", team_name(session, team)},
                         {"readers", std::move(readers)}});
    }
    return teams;
}

Json replicas_of(const Session& session) {
    Json replicas = Json::array();
    for (const auto& [replica, entry] : session.roster.replicas()) {
        Json row = {{"replica", to_text(replica)},
                    {"member", to_text(entry.member)},
                    {"enrolled", format_moment(entry.enrolled_ms)},
                    {"revoked", nullptr}};
        const std::vector<Place> places = session.roster.places(replica);
        row["role"] = places.empty() ? Json(nullptr) : Json(name_of(places.front().role));
        if (entry.revoked) row["revoked"] = name_of_manner(*entry.revoked);
        replicas.push_back(std::move(row));
    }
    return replicas;
}

Json invitations_of(const Session& session) {
    Json invitations = Json::array();
    for (const auto& [id, entry] : session.roster.invitations()) {
        Json row = {{"id", to_text(id)},
                    {"member", to_text(entry.statement.member)},
                    {"expires", format_moment(entry.statement.expires_ms)},
                    {"used_by", nullptr}};
        if (entry.used_by) row["used_by"] = to_text(*entry.used_by);
        invitations.push_back(std::move(row));
    }
    return invitations;
}

Result<Json> roster_method(Session& session, const Json& parameters) {
    TRY(Parameters(parameters).finish());
    Json members = Json::array();
    for (const auto& [member, entry] : session.roster.members()) {
        members.push_back({{"member", to_text(member)},
                           {"name", member_name(session, member)},
                           {"places", json_of(entry.places)}});
    }
    return Json{{"organisation", organisation_name(session)},
                {"teams", teams_of(session)},
                {"members", std::move(members)},
                {"replicas", replicas_of(session)},
                {"invitations", invitations_of(session)},
                {"waiting", json_of(session.roster.waiting())}};
}

/// Early and in plain words; the roster refuses it anyway.
Result<void> require_administrator(const Session& session) {
    if (session.roster.is_administrator(session.self().replica)) return ok();
    return Error{ErrorCode::not_permitted, "only administrators do this"};
}

Result<std::string> name_parameter(Parameters& given) {
    std::string name = TRY(given.text("name"));
    const bool is_blank = name.find_first_not_of(" \t\n") == std::string::npos;
    if (is_blank || name.size() > name_bytes_max || !is_utf8(name)) {
        return Error{ErrorCode::wrong_parameters, "name: between 1 and 400 bytes of text"};
    }
    return name;
}

Result<Json> team_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const std::string name = TRY(name_parameter(given));
    TRY(given.finish());
    TRY(require_administrator(session));
    const auto twin = find_team(session, name);
    const bool is_free = !twin && twin.error().code == ErrorCode::unknown_team;
    if (!is_free) return Error{ErrorCode::wrong_parameters, "a team is called that already"};
    TeamStatement body;
    body.team = session.host.random.id<TeamId>();
    body.sealed_name =
        seal_name(session.host.cipher, session.host.random, session.self().organisation_key, name);
    body.wall_ms = session.host.wall.now_ms();
    TRY(roster_transaction(session, [&]() -> Result<void> {
        TRY(make_statement(session, body));
        return ok();
    }));
    return Json{{"team", to_text(body.team)}};
}

Result<Role> parse_role(std::string_view text) {
    for (const Role role : {Role::worker, Role::supervisor, Role::administrator, Role::advocate}) {
        if (name_of(role) == text) return role;
    }
    return Error{ErrorCode::wrong_parameters,
                 "role: worker, supervisor, administrator or advocate"};
}

Result<std::vector<Place>> parse_places(const Session& session, const Json& given) {
    std::vector<Place> places;
    for (const Json& each : given) {
        if (!each.is_object()) {
            return Error{ErrorCode::wrong_parameters, "places: [{\"team\", \"role\"}, …]"};
        }
        Parameters part(each);
        Place place;
        place.role = TRY(parse_role(TRY(part.text("role"))));
        const auto team = TRY(part.optional_text("team"));
        TRY(part.finish());
        if (team) place.team = TRY(find_team(session, *team));
        const bool is_everywhere =
            place.role == Role::administrator || place.role == Role::advocate;
        if (is_everywhere && team && place.role == Role::administrator) {
            return Error{ErrorCode::wrong_parameters, "an administrator has no team"};
        }
        if (!is_everywhere && !team) {
            return Error{ErrorCode::wrong_parameters, "a worker or supervisor has a team"};
        }
        places.push_back(place);
    }
    std::sort(places.begin(), places.end());
    const auto twin = std::adjacent_find(
        places.begin(), places.end(),
        [](const Place& left, const Place& right) { return left.team == right.team; });
    if (twin != places.end()) {
        return Error{ErrorCode::wrong_parameters, "places: one role in each team"};
    }
    return places;
}

Result<Json> member_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const std::string name = TRY(name_parameter(given));
    const Json& places = *TRY(given.array("places"));
    const auto whom = TRY(given.optional_text("member"));
    TRY(given.finish());
    TRY(require_administrator(session));
    MemberStatement body;
    if (whom) {
        body.member = TRY(find_member(session, *whom));
    } else {
        body.member = session.host.random.id<MemberId>();
    }
    body.places = TRY(parse_places(session, places));
    body.sealed_name =
        seal_name(session.host.cipher, session.host.random, session.self().organisation_key, name);
    body.wall_ms = session.host.wall.now_ms();
    TRY(roster_transaction(session, [&]() -> Result<void> {
        TRY(make_statement(session, body));
        return ok();
    }));
    return Json{{"member", to_text(body.member)}};
}

Result<Json> invite_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const std::string whom = TRY(given.text("member"));
    const std::int64_t days = TRY(given.integer("days", 7));
    TRY(given.finish());
    TRY(require_administrator(session));
    if (days < 1 || days > 90) {
        return Error{ErrorCode::wrong_parameters, "days: between 1 and 90"};
    }
    const Identity& self = session.self();
    Invitation invitation;
    session.host.random.fill(invitation.seed.bytes);
    InvitationStatement body;
    body.invitation = session.host.random.id<InvitationId>();
    body.key = session.host.cipher.signing_keys_from(invitation.seed).public_key;
    body.member = TRY(find_member(session, whom));
    body.places = session.roster.member(body.member)->places;
    body.wall_ms = session.host.wall.now_ms();
    body.expires_ms = body.wall_ms + days * day_ms;
    if (body.places.empty()) {
        return Error{ErrorCode::wrong_parameters, "this person has no place yet: see member"};
    }
    TRY(roster_transaction(session, [&]() -> Result<void> {
        TRY(make_statement(session, body));
        invitation.proof = TRY(make_proof(TRY(session.store.statements()), body.invitation));
        return ok();
    }));
    invitation.server_url = self.server_url;
    invitation.server_pin = self.server_pin;
    invitation.organisation = self.organisation;
    invitation.organisation_key = self.organisation_key.duplicate();
    return Json{{"invitation", format_invitation(invitation)},
                {"id", to_text(body.invitation)},
                {"expires", format_moment(body.expires_ms)}};
}

Result<Json> revoke_method(Session& session, const Json& parameters) {
    Parameters given(parameters);
    const std::string whom = TRY(given.text("replica"));
    const std::string manner = TRY(given.text("manner"));
    TRY(given.finish());
    TRY(require_administrator(session));
    Revocation body;
    body.replica = TRY(find_replica(session, whom));
    if (manner == "compromised") {
        body.manner = Manner::compromised;
    } else if (manner != "retired") {
        return Error{ErrorCode::wrong_parameters, "manner: retired or compromised"};
    }
    body.wall_ms = session.host.wall.now_ms();
    TRY(roster_transaction(session, [&]() -> Result<void> {
        TRY(make_statement(session, body));
        return ok();
    }));
    return Json::object();
}

Result<Json> grant_method(Session& session, const Json& parameters) {
    TRY(Parameters(parameters).finish());
    const std::vector<Roster::Waiting> before = session.roster.waiting();
    TRY(roster_transaction(session, [&]() -> Result<void> {
        for (GrantStatement& body : due_grants(session)) TRY(make_statement(session, body));
        return ok();
    }));
    const std::vector<Roster::Waiting> after = session.roster.waiting();
    std::vector<Roster::Waiting> granted;
    for (const Roster::Waiting& each : before) {
        const bool still_waits = std::any_of(after.begin(), after.end(), [&](const auto& other) {
            return other.team == each.team && other.readers == each.readers &&
                   other.replica == each.replica;
        });
        if (!still_waits) granted.push_back(each);
    }
    return Json{{"granted", json_of(granted)}, {"waiting", json_of(after)}};
}

}  // namespace

std::span<const Method> administration_methods() {
    static constexpr Method methods[] = {
        {"roster", roster_method}, {"team", team_method},     {"member", member_method},
        {"invite", invite_method}, {"revoke", revoke_method}, {"grant", grant_method},
    };
    return methods;
}

}  // namespace godwit
