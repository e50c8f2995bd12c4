/// Bugs planted on purpose: each stands where a slip of the hand could have put it, and the
/// campaign over simulated worlds must find it. They exist only in a build with GODWIT_PLANTED,
/// where one of them is chosen at run time; in every other build is_planted() is false when it is
/// compiled and nothing of them is left.
///
/// See tests/simulation/README.md.
#pragma once

#include <cstdint>

namespace godwit {

enum class PlantedBug : std::uint16_t {
    none,
    // shared/change
    clock_runs_back,        ///< A new change does not sort after the last one of its log.
    own_log_unseen,         ///< What its author said before does not count as seen.
    reissue_claims_branch,  ///< A change issued again claims what nobody else holds.
    // shared/merge
    merge_drops_theirs,     ///< A sibling the other side has not seen is lost.
    merge_revives,          ///< A sibling the other side superseded comes back.
    set_takes_all,          ///< A value supersedes what its author had not seen.
    set_takes_nothing,      ///< A value stands beside what it should supersede.
    archive_takes_sibling,  ///< Archiving a record loses one of its siblings.
    removal_forgets_early,  ///< What was removed before it arrived comes in after all.
    latest_by_claim,        ///< Clocks are compared as claimed.
    sum_leaves_out,         ///< A count leaves one increment out.
    worker_outranks,        ///< Supervisors' values count no more than workers'.
    least_restrictive,      ///< The least safe value is shown.
    // shared/seal
    effective_unclamped,  ///< A clock that is wrong within its receipts wins.
    value_unpadded,       ///< A sealed value is as long as what was said.
    recovery_forgotten,   ///< The recovery key opens nothing.
    places_never_change,  ///< A member's first places stay.
    revocation_ignored,   ///< A revoked replica goes on as before.
    request_unverified,   ///< Requests are believed unsigned.
    nonce_reused,         ///< A request is good for more than once.
    // shared/protocol, shared/sqlite
    answer_cut_short,         ///< A replica does not ask for the rest of a long answer.
    acknowledge_before_sync,  ///< A commit returns before it is on the disk.
    // sync-server
    commit_failure_ignored,   ///< A commit that failed is answered as one that held.
    parked_dropped,           ///< What cannot be merged is thrown away.
    parked_untold,            ///< Its author is not told what was parked.
    branch_dropped,           ///< The other branch of a forked log is thrown away.
    compromised_merged,       ///< What a compromised replica says is merged.
    erased_accepted,          ///< What comes too late for an erased record is kept.
    erasure_keeps_bodies,     ///< Erasing leaves the words in evidence.
    erasure_keeps_keys,       ///< Erasing leaves the keys.
    cursor_too_far,           ///< A replica is told it heard what it did not.
    cursor_at_cut,            ///< A telling that was cut short counts as done (decisions/0012).
    cursor_outlives_restore,  ///< After a restore cursors stay where they were.
    restore_keeps_epoch,      ///< A restored server goes on as if nothing had happened.
    own_news_unsaid,          ///< What others said since is taken for the listener's own words.
    everybody_sees,           ///< Records are told to whoever has a place in the team.
    wraps_for_all,            ///< Supervisors' keys are told to workers.
    farewell_tells_all,       ///< A former owner is told what became of the record.
    position_stays,           ///< A record that changed keeps its place in the order of telling.
    safe_too_early,           ///< What is not in the backup yet is called safe.
    unknown_type_told,        ///< Records of a type the server does not know are told to all.
    type_learned_untold,      ///< An upgraded server tells nobody anew what it knows now.
    unkeyed_unasked,          ///< A restored server does not ask for the keys it lacks.
    // field-client/replica
    context_forgotten,    ///< A change does not say what its author had seen.
    sequence_reused,      ///< A store put back goes on in the same log.
    fork_drops_last,      ///< The last change of a branch is not issued again.
    fork_untranslated,    ///< Changes issued again name the places they had before.
    waiting_hidden,       ///< News hides the own words that wait.
    unseen_kept,          ///< What is no longer theirs to see stays with whoever had it.
    keys_sent_once,       ///< Keys are not sent again when the answer was lost.
    statement_dropped,    ///< An own statement that came too late is dropped unsaid.
    parked_merged_here,   ///< An author's replica merges what the server parked.
    restore_unheard,      ///< A restored server is not offered what it lacks.
    erasure_unconfirmed,  ///< A replica erases and tells nobody.
    slot_unsynced,        ///< The key of a new store is not synced.
    let_go_forgotten,     ///< Records let go for their type are not asked for after an upgrade.
    erasure_unshown,      ///< What showed an erasure is not kept for a server that forgot it.
    kept_key_dropped,     ///< The key of own words goes with the record it was for.
    former_log_unheard,   ///< A restored server is offered the newest log alone.
    log_outlives_epoch,   ///< After a restore a replica goes on in the log it has.
    last = log_outlives_epoch,
};

#ifdef GODWIT_PLANTED
inline PlantedBug planted_bug = PlantedBug::none;
inline bool is_planted(PlantedBug bug) {
    return planted_bug == bug;
}
#else
consteval bool is_planted(PlantedBug /*bug*/) {
    return false;
}
#endif

}  // namespace godwit
