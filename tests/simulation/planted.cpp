#include "tests/simulation/planted.h"

#include <cstdio>

namespace godwit::simulation {
namespace {

constexpr std::array<PlantedRow, 60> rows{{
    {PlantedBug::clock_runs_back, "clock_runs_back", "shared/change"},
    {PlantedBug::own_log_unseen, "own_log_unseen", "shared/change"},
    {PlantedBug::reissue_claims_branch, "reissue_claims_branch", "shared/change"},
    {PlantedBug::merge_drops_theirs, "merge_drops_theirs", "shared/merge"},
    {PlantedBug::merge_revives, "merge_revives", "shared/merge"},
    {PlantedBug::set_takes_all, "set_takes_all", "shared/merge"},
    {PlantedBug::set_takes_nothing, "set_takes_nothing", "shared/merge"},
    {PlantedBug::archive_takes_sibling, "archive_takes_sibling", "shared/merge"},
    {PlantedBug::removal_forgets_early, "removal_forgets_early", "shared/merge"},
    {PlantedBug::latest_by_claim, "latest_by_claim", "shared/merge"},
    {PlantedBug::sum_leaves_out, "sum_leaves_out", "shared/merge"},
    {PlantedBug::worker_outranks, "worker_outranks", "shared/merge"},
    {PlantedBug::least_restrictive, "least_restrictive", "shared/merge"},
    {PlantedBug::effective_unclamped, "effective_unclamped", "shared/seal"},
    {PlantedBug::value_unpadded, "value_unpadded", "shared/seal"},
    {PlantedBug::recovery_forgotten, "recovery_forgotten", "shared/seal"},
    {PlantedBug::places_never_change, "places_never_change", "shared/seal"},
    {PlantedBug::revocation_ignored, "revocation_ignored", "shared/seal"},
    {PlantedBug::request_unverified, "request_unverified", "shared/seal"},
    {PlantedBug::nonce_reused, "nonce_reused", "shared/seal"},
    {PlantedBug::answer_cut_short, "answer_cut_short", "shared/protocol, shared/sqlite"},
    {PlantedBug::acknowledge_before_sync, "acknowledge_before_sync",
     "shared/protocol, shared/sqlite"},
    {PlantedBug::commit_failure_ignored, "commit_failure_ignored", "sync-server"},
    {PlantedBug::parked_dropped, "parked_dropped", "sync-server"},
    {PlantedBug::parked_untold, "parked_untold", "sync-server"},
    {PlantedBug::branch_dropped, "branch_dropped", "sync-server"},
    {PlantedBug::compromised_merged, "compromised_merged", "sync-server"},
    {PlantedBug::erased_accepted, "erased_accepted", "sync-server"},
    {PlantedBug::erasure_keeps_bodies, "erasure_keeps_bodies", "sync-server"},
    {PlantedBug::erasure_keeps_keys, "erasure_keeps_keys", "sync-server"},
    {PlantedBug::cursor_too_far, "cursor_too_far", "sync-server"},
    {PlantedBug::cursor_at_cut, "cursor_at_cut", "sync-server"},
    {PlantedBug::cursor_outlives_restore, "cursor_outlives_restore", "sync-server"},
    {PlantedBug::restore_keeps_epoch, "restore_keeps_epoch", "sync-server"},
    {PlantedBug::own_news_unsaid, "own_news_unsaid", "sync-server"},
    {PlantedBug::everybody_sees, "everybody_sees", "sync-server"},
    {PlantedBug::wraps_for_all, "wraps_for_all", "sync-server"},
    {PlantedBug::farewell_tells_all, "farewell_tells_all", "sync-server"},
    {PlantedBug::position_stays, "position_stays", "sync-server"},
    {PlantedBug::safe_too_early, "safe_too_early", "sync-server"},
    {PlantedBug::unknown_type_told, "unknown_type_told", "sync-server"},
    {PlantedBug::type_learned_untold, "type_learned_untold", "sync-server"},
    {PlantedBug::unkeyed_unasked, "unkeyed_unasked", "sync-server"},
    {PlantedBug::context_forgotten, "context_forgotten", "field-client/replica"},
    {PlantedBug::sequence_reused, "sequence_reused", "field-client/replica"},
    {PlantedBug::fork_drops_last, "fork_drops_last", "field-client/replica"},
    {PlantedBug::fork_untranslated, "fork_untranslated", "field-client/replica"},
    {PlantedBug::waiting_hidden, "waiting_hidden", "field-client/replica"},
    {PlantedBug::unseen_kept, "unseen_kept", "field-client/replica"},
    {PlantedBug::keys_sent_once, "keys_sent_once", "field-client/replica"},
    {PlantedBug::statement_dropped, "statement_dropped", "field-client/replica"},
    {PlantedBug::parked_merged_here, "parked_merged_here", "field-client/replica"},
    {PlantedBug::restore_unheard, "restore_unheard", "field-client/replica"},
    {PlantedBug::erasure_unconfirmed, "erasure_unconfirmed", "field-client/replica"},
    {PlantedBug::slot_unsynced, "slot_unsynced", "field-client/replica"},
    {PlantedBug::let_go_forgotten, "let_go_forgotten", "field-client/replica"},
    {PlantedBug::erasure_unshown, "erasure_unshown", "field-client/replica"},
    {PlantedBug::kept_key_dropped, "kept_key_dropped", "field-client/replica"},
    {PlantedBug::former_log_unheard, "former_log_unheard", "field-client/replica"},
    {PlantedBug::log_outlives_epoch, "log_outlives_epoch", "field-client/replica"},
}};

constexpr bool are_complete() {
    for (std::size_t index = 0; index < rows.size(); ++index) {
        if (static_cast<std::size_t>(rows[index].bug) != index + 1) return false;
    }
    return rows.back().bug == PlantedBug::last;
}
static_assert(are_complete());

}  // namespace

std::span<const PlantedRow> planted_rows() {
    return rows;
}

int run_planted(const Runner& runner, std::string_view only, Campaign campaign) {
    campaign.failures_max = 1;
    int missed = 0;
    int caught = 0;
    std::printf("| Planted bug | In | Oracle | Seeds |\n|---|---|---|---|\n");
    for (const PlantedRow& row : rows) {
        if (!only.empty() && only != row.name) continue;
        campaign.planted = row.bug;
        const CampaignReport report = runner.run(campaign);
        const std::string name(row.name);
        const std::string where(row.where);
        if (report.failures.empty()) {
            ++missed;
            std::printf("| %s | %s | NOT CAUGHT | %llu |\n", name.c_str(), where.c_str(),
                        static_cast<unsigned long long>(report.seeds));
        } else {
            ++caught;
            const Failure& first = report.failures.front();
            std::printf("| %s | %s | %s | %llu |\n", name.c_str(), where.c_str(),
                        first.violation.oracle.c_str(),
                        static_cast<unsigned long long>(first.plan.seed));
        }
        std::fflush(stdout);
    }
    std::printf("%d planted bugs caught, %d not\n", caught, missed);
    return missed;
}

}  // namespace godwit::simulation
