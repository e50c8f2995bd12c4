#include "field-client/replica/lookup.h"

#include <algorithm>
#include <charconv>

#include "field-client/replica/fold.h"
#include "shared/base/text.h"

namespace godwit {
namespace {

bool is_hex(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

/// Finds one entry of `entries` by id, its beginning, or the name that `name_of_entry` gives.
template <typename IdType, typename Entries, typename NameOf>
Result<IdType> find_one(const Entries& entries, std::string_view text, ErrorCode unknown,
                        NameOf name_of_entry) {
    if (const auto id = parse_id<IdType>(text); id && entries.contains(*id)) return *id;
    std::vector<IdType> found;
    const std::string wanted = fold(text);
    for (const auto& [id, entry] : entries) {
        const bool begins = text.size() >= id_digits_min && is_hex(text) &&
                            to_text(id).compare(0, text.size(), text) == 0;
        const std::string name = name_of_entry(id);
        if (begins || (!name.empty() && fold(name) == wanted)) found.push_back(id);
    }
    if (found.empty()) return unknown;
    if (found.size() > 1) {
        return Error{ErrorCode::wrong_parameters, "the name could mean several: give the id"};
    }
    return found.front();
}

std::string opened_name(const Session& session, ByteView sealed) {
    const auto name = open_name(session.host.cipher, session.self().organisation_key, sealed);
    return name ? *name : std::string();
}

}  // namespace

Result<RecordId> find_record(const Session& session, std::string_view text) {
    if (text.size() < id_digits_min || !is_hex(text)) {
        return Error{ErrorCode::wrong_parameters,
                     "a record is named by at least 4 digits (0-9, a-f) its id begins with"};
    }
    if (const auto whole = parse_id<RecordId>(text)) {
        if (TRY(session.store.has_record(*whole))) return *whole;
        return ErrorCode::unknown_record;
    }
    const auto found = TRY(session.store.records_starting(text, 2));
    if (found.empty()) return ErrorCode::unknown_record;
    if (found.size() > 1) {
        return Error{ErrorCode::wrong_parameters,
                     "several records begin so: give more digits of the id"};
    }
    return found.front();
}

Result<TeamId> find_team(const Session& session, std::string_view text) {
    return find_one<TeamId>(session.roster.teams(), text, ErrorCode::unknown_team,
                            [&](const TeamId& id) { return team_name(session, id); });
}

Result<MemberId> find_member(const Session& session, std::string_view text) {
    return find_one<MemberId>(session.roster.members(), text, ErrorCode::unknown_member,
                              [&](const MemberId& id) { return member_name(session, id); });
}

Result<ReplicaId> find_replica(const Session& session, std::string_view text) {
    return find_one<ReplicaId>(session.roster.replicas(), text, ErrorCode::unknown_replica,
                               [](const ReplicaId&) { return std::string(); });
}

Result<Dot> parse_dot(std::string_view text) {
    const Error wrong{ErrorCode::wrong_parameters, "a change is named LOG:SEQUENCE"};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return wrong;
    const auto log = parse_id<LogId>(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    Dot dot;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), dot.sequence);
    const bool is_whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    if (!log || !is_whole || dot.sequence == 0) return wrong;
    dot.log = *log;
    return dot;
}

std::string format_dot(const Dot& dot) {
    return to_text(dot.log) + ":" + std::to_string(dot.sequence);
}

std::string team_name(const Session& session, const TeamId& team) {
    const auto found = session.roster.teams().find(team);
    return found == session.roster.teams().end() ? "" : opened_name(session, found->second);
}

std::string member_name(const Session& session, const MemberId& member) {
    const Roster::MemberEntry* found = session.roster.member(member);
    return found == nullptr ? "" : opened_name(session, found->sealed_name);
}

std::string organisation_name(const Session& session) {
    if (!session.roster.is_founded()) return "";
    return opened_name(session, session.roster.founding().sealed_name);
}

std::string_view name_of(Role role) {
    switch (role) {
        case Role::worker:
            return "worker";
        case Role::supervisor:
            return "supervisor";
        case Role::administrator:
            return "administrator";
        case Role::advocate:
            return "advocate";
    }
    return "unknown";
}

}  // namespace godwit
