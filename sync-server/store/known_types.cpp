#include "sync-server/store/known_types.h"

#include <map>
#include <set>

#include "shared/base/planted.h"
#include "shared/model/record_type.h"
#include "sync-server/store/epoch_table.h"

namespace godwit {
namespace {

using Audiences = std::map<std::uint32_t, Audience>;

Audiences known_here() {
    Audiences out;
    for (const RecordType& type : record_types()) out.emplace(type.number, type.audience);
    return out;
}

Result<Audiences> known_before(Database& database) {
    Query select = TRY(database.prepare("SELECT number, audience FROM known_type"));
    Audiences out;
    while (TRY(select.step())) {
        out.emplace(static_cast<std::uint32_t>(TRY(select.column_unsigned(0))),
                    static_cast<Audience>(TRY(select.column_unsigned(1))));
    }
    return out;
}

Result<void> add_teams_with(Database& database, std::uint32_t type, std::set<TeamId>& teams) {
    Query select = TRY(database.prepare("SELECT DISTINCT team FROM record WHERE type = ?"));
    select.bind_all(type);
    while (TRY(select.step())) teams.insert(TRY(select.column_id<TeamId>(0)));
    return ok();
}

}  // namespace

Result<void> learn_types(Database& database, Random& random, const WallClock& wall) {
    const Audiences now = known_here();
    const Audiences before = TRY(known_before(database));
    if (now == before) return ok();
    Transaction transaction = TRY(Transaction::begin(database));
    TRY(database.run("DELETE FROM known_type"));
    std::set<TeamId> told_anew;
    for (const auto& [number, audience] : now) {
        TRY(database.run("INSERT INTO known_type VALUES (?, ?)", number,
                         static_cast<std::uint64_t>(audience)));
        const auto known = before.find(number);
        const bool is_told_as_before = known != before.end() && known->second == audience;
        if (!is_told_as_before) TRY(add_teams_with(database, number, told_anew));
    }
    if (is_planted(PlantedBug::type_learned_untold)) told_anew.clear();
    if (!told_anew.empty()) TRY(begin_next_epoch(database, random, wall, told_anew));
    return transaction.commit();
}

}  // namespace godwit
