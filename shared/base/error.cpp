#include "shared/base/error.h"

#include <algorithm>
#include <iterator>

#include "shared/base/assert.h"

namespace godwit {

namespace {

using enum ErrorCode;
using K = ErrorKind;

// By number, ascending. The sentences are read by outreach workers under strain: short, plain,
// saying what stands in the way and what helps.
constexpr ErrorFacts table[] = {
    {malformed, K::refused, 400, "malformed", "These bytes are not in a form Godwit reads.",
     "Keep the original and ask whoever sent it to send it again."},
    {not_deterministic, K::refused, 400, "not_deterministic",
     "These bytes are not written in the one form Godwit allows.",
     "Send them again from the Godwit program that made them."},
    {too_deep, K::refused, 400, "too_deep", "A value is nested more deeply than Godwit allows.",
     "Write the value with fewer levels."},
    {too_large, K::refused, 413, "too_large", "This is larger than Godwit allows.",
     "Split it into smaller parts."},
    {unknown_version, K::refused, 400, "unknown_version",
     "This was written by a newer version of Godwit.", "Update Godwit here, then try again."},
    {trailing_bytes, K::refused, 400, "trailing_bytes", "There are bytes left over after the end.",
     "Keep the original and ask whoever sent it to send it again."},

    {gap_in_sequence, K::stale, 409, "gap_in_sequence", "An earlier change has not arrived yet.",
     "Sync again; it continues from what the server holds."},
    {broken_chain, K::corrupt, 409, "broken_chain",
     "The changes do not join up with the ones before them.",
     "Keep this store as it is and tell your administrator."},
    {bad_signature, K::refused, 403, "bad_signature",
     "The signature is not that of the replica it names.",
     "Tell your administrator: something was altered, or comes from somebody else."},
    {unknown_log, K::refused, 403, "unknown_log", "This change log belongs to another replica.",
     "Tell your administrator which replica sent it."},
    {forked_log, K::stale, 409, "forked_log",
     "The server holds a different continuation of this change log.",
     "Sync again; this replica goes on in a new change log and nothing is overwritten."},

    {clock_ahead, K::refused, 422, "clock_ahead",
     "A clock is ahead of this one by minutes or more.",
     "Check date and time on both machines; the change itself is kept."},

    {unknown_type, K::refused, 422, "unknown_type", "There is no such type of record.",
     "Check its spelling, or update Godwit here."},
    {unknown_field, K::refused, 422, "unknown_field", "This type of record has no such field.",
     "Check the spelling against the type's list of fields."},
    {wrong_value, K::refused, 422, "wrong_value", "This value does not fit its field.",
     "Correct the value and save again."},
    {missing_field, K::refused, 422, "missing_field", "A field that is required is empty.",
     "Fill it in and save again."},
    {unknown_record, K::refused, 404, "unknown_record", "There is no such record here.",
     "Check the id, or sync first."},
    {transition_not_allowed, K::refused, 422, "transition_not_allowed",
     "This step does not follow from the record's present state.",
     "Look at the record as it is now, then choose a step that is open to you."},
    {record_erased, K::refused, 410, "record_erased",
     "This record was erased because consent was withdrawn.",
     "Nothing can be added to it; begin a new record only with new consent."},
    {rule_does_not_allow, K::refused, 422, "rule_does_not_allow",
     "This kind of change does not belong to this field.",
     "Use the command meant for the field: edit, add, remove, count or note."},
    {sealed_in_argument, K::refused, 422, "sealed_in_argument",
     "What a person said must not stand in a command line.",
     "Give it in a file or on standard input with `--from`."},
    {unknown_change, K::refused, 404, "unknown_change", "There is no such change here.",
     "Check the id, or sync first."},
    {claims_unheard, K::refused, 422, "claims_unheard",
     "This change says that its author had seen what nobody has sent.",
     "Tell your administrator; a supervisor can adopt what it says."},

    {wrong_phrase, K::refused, 403, "wrong_phrase", "The phrase does not open this store.",
     "Type the phrase again, with its words in order."},
    {cannot_open, K::refused, 403, "cannot_open", "No key held here opens this.",
     "Ask a supervisor of the team for access."},
    {no_reader_key, K::stale, 409, "no_reader_key",
     "The team has no key yet for the people who will read this.",
     "Sync after a supervisor of the team has synced once."},
    {bad_key, K::corrupt, 422, "bad_key", "This key is not the one its maker vouched for.",
     "Do not use it, and tell your administrator."},
    {unproven, K::corrupt, 422, "unproven",
     "The server says something that nobody of the organisation signed.",
     "Nothing was changed; carry on without it, and tell your administrator."},
    {store_locked, K::refused, 403, "store_locked", "The store is locked.",
     "Open it with your phrase."},

    {unknown_replica, K::refused, 403, "unknown_replica", "No roster statement names this replica.",
     "Enrol it with an invitation."},
    {unknown_team, K::refused, 404, "unknown_team", "There is no such team.",
     "Check the name, or sync first."},
    {unknown_member, K::refused, 404, "unknown_member", "There is no such member.",
     "Check the name, or sync first."},
    {invitation_unknown, K::refused, 404, "invitation_unknown",
     "The server does not know this invitation.",
     "Ask your administrator to sync, or for a new invitation."},
    {invitation_used, K::refused, 409, "invitation_used",
     "This invitation has been used by another replica.",
     "Ask your administrator for a new one, and say that you had not used it."},
    {invitation_expired, K::refused, 410, "invitation_expired", "This invitation has expired.",
     "Ask your administrator for a new one."},
    {not_permitted, K::refused, 403, "not_permitted", "Your role does not allow this.",
     "Ask a supervisor or an administrator to do it."},
    {replica_revoked, K::refused, 403, "replica_revoked", "This replica has been revoked.",
     "Speak with your administrator in person."},
    {wrong_organisation, K::refused, 403, "wrong_organisation",
     "This belongs to another organisation.", "Use a store or an invitation of this organisation."},
    {already_founded, K::refused, 409, "already_founded",
     "The organisation has been founded before.",
     "Enrol with an invitation from its administrator."},
    {not_founded, K::refused, 409, "not_founded", "The organisation has not been founded yet.",
     "Use the link that `godwit-server init` printed."},
    {roster_behind, K::stale, 409, "roster_behind", "This roster is older than one seen before.",
     "Sync again; if it stays so, tell your administrator."},
    {already_enrolled, K::refused, 409, "already_enrolled", "This store is enrolled already.",
     "Use it as it is, or enrol into an empty folder."},
    {not_enrolled, K::refused, 409, "not_enrolled", "This store is not enrolled yet.",
     "Enrol it with an invitation."},

    {stale_nonce, K::stale, 409, "stale_nonce", "The request was signed for an earlier moment.",
     "Try again; a fresh nonce comes with this answer."},
    {too_many_requests, K::busy, 429, "too_many_requests", "Too many requests came at once.",
     "Wait a little, then try again."},
    {unreachable, K::unreachable, 503, "unreachable", "The server cannot be reached now.",
     "Carry on; everything is saved here and goes out when there is a connection."},
    {wrong_server, K::refused, 421, "wrong_server", "This is not the server of your organisation.",
     "Do not go on; tell your administrator where you were connected."},
    {bad_request, K::refused, 400, "bad_request", "The server cannot read this request.",
     "Update Godwit here; if it stays so, tell your administrator."},
    {not_found, K::refused, 404, "not_found", "There is nothing at this address.",
     "Check the server's address."},
    {stopping, K::busy, 503, "stopping", "The server is stopping.", "Try again in a minute."},
    {timed_out, K::busy, 408, "timed_out", "It took too long and was ended.",
     "Try again; it continues where it stopped."},
    {exchange_under_way, K::busy, 503, "exchange_under_way", "The server is being asked already.",
     "Wait for its answer, then try again."},

    {storage_failed, K::busy, 500, "storage_failed", "The storage could not be written or read.",
     "Check the disk and its space, then try again."},
    {storage_corrupt, K::corrupt, 500, "storage_corrupt", "What is stored here was damaged.",
     "Copy the folder as it is, change nothing in it, and tell your administrator."},
    {storage_full, K::busy, 507, "storage_full", "The disk is full.",
     "Free some space, then try again; nothing saved is lost."},
    {store_in_use, K::busy, 503, "store_in_use", "Another program has this store open.",
     "Close it, then try again."},
    {store_unsafe, K::refused, 500, "store_unsafe",
     "The storage here would not keep what it says it has kept.",
     "Use a local disk with the settings that the runbook names."},
    {schema_newer, K::refused, 500, "schema_newer", "A newer version of Godwit wrote this store.",
     "Update Godwit here, then open it again."},
    {no_store, K::refused, 404, "no_store", "There is no store in this folder.",
     "Check the path, or enrol first."},

    {unknown_method, K::refused, 404, "unknown_method", "There is no such method.",
     "Check its name against the description of the call."},
    {wrong_parameters, K::refused, 400, "wrong_parameters",
     "A parameter is missing or of the wrong kind.",
     "Check the parameters against the description of the call."},
    {usage, K::refused, 400, "usage", "This command is not complete, or not known.",
     "Add `--help` to see how it is written."},
    {file_unreadable, K::refused, 400, "file_unreadable", "The file cannot be read.",
     "Check its path and its permissions."},
    {not_json, K::refused, 400, "not_json", "This is not JSON.",
     "Correct the text where it says, then try again."},
    {terminal_needed, K::refused, 400, "terminal_needed", "This needs somebody at a terminal.",
     "Run it at a terminal, or give what it asks for with `--from` or `--phrase-file`."},
    {already_there, K::refused, 409, "already_there", "Something is there already.",
     "Name another place, or move away what is there."},
    {declined, K::refused, 400, "declined", "Nothing was done: the answer was not yes.",
     "Run the command again if you meant to."},
};

constexpr bool is_ascending() {
    for (std::size_t index = 1; index < std::size(table); ++index) {
        if (table[index - 1].code >= table[index].code) return false;
    }
    return true;
}
static_assert(is_ascending());

const ErrorFacts* find(std::uint16_t number) {
    const auto* const row =
        std::lower_bound(std::begin(table), std::end(table), number,
                         [](const ErrorFacts& facts, std::uint16_t wanted) {
                             return static_cast<std::uint16_t>(facts.code) < wanted;
                         });
    if (row == std::end(table) || static_cast<std::uint16_t>(row->code) != number) return nullptr;
    return row;
}

}  // namespace

const ErrorFacts& facts(ErrorCode code) {
    const ErrorFacts* const row = find(static_cast<std::uint16_t>(code));
    GODWIT_ASSERT(row != nullptr);
    return *row;
}

const ErrorFacts& facts_for_number(std::uint16_t number) {
    const ErrorFacts* const row = find(number);
    return row != nullptr ? *row : facts(malformed);
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case K::refused:
            return "refused";
        case K::stale:
            return "stale";
        case K::busy:
            return "busy";
        case K::unreachable:
            return "unreachable";
        case K::corrupt:
            return "corrupt";
    }
    assertion_broken("every kind has a name", __FILE__, __LINE__);
}

}  // namespace godwit
