/// The two baselines beside which the product is measured, on the same work in the same run.
/// Neither signs, seals, verifies, keeps history apart per author, or speaks to a network.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>

#include "tests/bench/workload.h"

namespace godwit::bench {

using Json = nlohmann::ordered_json;

/// The same values into plain tables: a row a field of a record, a row a change in a log. Every
/// commit durable. Once in one transaction, once in a transaction a change.
Json bare_core(const std::vector<Step>& steps, const std::filesystem::path& folder);

/// SQLite's session extension between file databases: a replica tracks what it writes, its
/// changeset is applied to the server's tables and kept in the server's log in one durable
/// transaction.
Json session_core(const std::vector<Step>& steps, const std::vector<Step>& small_edits,
                  const std::filesystem::path& folder);
/// The last changeset wins; what loses is gone.
Json session_merge(const Merge& merge, const std::filesystem::path& folder);

}  // namespace godwit::bench
