/// What can go wrong, once: every code with its kind, HTTP status and message key.
///
/// Callers choose by code or kind, never by text. `detail` is for the person who reads the
/// refusal: it says what and where, and never holds a person's words or a secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit {

/// What the caller does next.
enum class ErrorKind : std::uint8_t {
    refused = 1,      ///< Shows why; the same request will always fail.
    stale = 2,        ///< Catches up, then tries again.
    busy = 3,         ///< Tries again, each time later.
    unreachable = 4,  ///< Carries on offline; this is ordinary.
    corrupt = 5,      ///< Stops, keeps the bytes, tells a person.
};

/// Numbers travel in answers and are never reused.
enum class ErrorCode : std::uint16_t {
    // Bytes and formats.
    malformed = 1,
    not_deterministic = 2,
    too_deep = 3,
    too_large = 4,
    unknown_version = 5,
    trailing_bytes = 6,
    // Change logs.
    gap_in_sequence = 20,
    broken_chain = 21,
    bad_signature = 22,
    unknown_log = 23,
    forked_log = 24,
    // Clock.
    clock_ahead = 30,
    // Values and records.
    unknown_type = 40,
    unknown_field = 41,
    wrong_value = 42,
    missing_field = 43,
    unknown_record = 44,
    transition_not_allowed = 45,
    record_erased = 46,
    rule_does_not_allow = 47,
    sealed_in_argument = 48,
    unknown_change = 49,
    claims_unheard = 50,
    // Keys.
    wrong_phrase = 60,
    cannot_open = 61,
    no_reader_key = 62,
    bad_key = 63,
    unproven = 64,
    store_locked = 65,
    // Roster.
    unknown_replica = 80,
    unknown_team = 81,
    unknown_member = 82,
    invitation_unknown = 83,
    invitation_used = 84,
    invitation_expired = 85,
    not_permitted = 86,
    replica_revoked = 87,
    wrong_organisation = 88,
    already_founded = 89,
    not_founded = 90,
    roster_behind = 91,
    already_enrolled = 92,
    not_enrolled = 93,
    // Exchange and HTTP.
    stale_nonce = 100,
    too_many_requests = 101,
    unreachable = 102,
    wrong_server = 103,
    bad_request = 104,
    not_found = 105,
    stopping = 106,
    timed_out = 107,
    exchange_under_way = 108,
    // Storage.
    storage_failed = 120,
    storage_corrupt = 121,
    storage_full = 122,
    store_in_use = 123,
    store_unsafe = 124,
    schema_newer = 125,
    no_store = 126,
    // Calls and the command line.
    unknown_method = 140,
    wrong_parameters = 141,
    usage = 142,
    file_unreadable = 143,
    not_json = 144,
    terminal_needed = 145,
    already_there = 146,
    declined = 147,
};

struct ErrorFacts {
    ErrorCode code;
    ErrorKind kind;
    std::uint16_t http_status;
    std::string_view key;   ///< Message key, and the `code` in JSON: `gap_in_sequence`.
    std::string_view text;  ///< One plain English sentence.
    std::string_view next;  ///< What to do now; one plain English sentence.
};

/// The row for `code`. Every code has one.
const ErrorFacts& facts(ErrorCode code);

/// The row whose number is `number`, or that of `malformed` for a number this build does not know.
const ErrorFacts& facts_for_number(std::uint16_t number);

std::string_view name_of(ErrorKind kind);

struct Error {
    ErrorCode code{ErrorCode::malformed};
    std::string detail;

    [[nodiscard]] ErrorKind kind() const { return facts(code).kind; }
};

}  // namespace godwit
