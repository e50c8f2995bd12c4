#include "tests/bench/baseline.h"
#include "tests/bench/baseline_database.h"

namespace godwit::bench {
namespace {

class BareStore {
public:
    explicit BareStore(const std::string& path) : database_(path, Database::Sync::full) {
        database_.run(
            "CREATE TABLE cells(record TEXT NOT NULL, field INTEGER NOT NULL, value TEXT NOT NULL,"
            " PRIMARY KEY(record, field)) WITHOUT ROWID");
        database_.run(
            "CREATE TABLE log(sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
            " record TEXT NOT NULL, said TEXT NOT NULL)");
        for (const std::string& name : field_names()) {
            fields_.emplace(name, static_cast<int>(fields_.size()));
        }
    }

    void write(const Step& step) {
        auto* cell = database_.statement("INSERT OR REPLACE INTO cells VALUES(?, ?, ?)");
        std::string said;
        for (const auto& [field, value] : step.values) {
            bind_text(cell, 1, step.record);
            sqlite3_bind_int(cell, 2, fields_.at(field));
            bind_text(cell, 3, value);
            database_.step(cell);
            said += field + "=" + value + "\n";
        }
        auto* line = database_.statement("INSERT INTO log(at, record, said) VALUES(?, ?, ?)");
        sqlite3_bind_int64(line, 1, step.at_ms);
        bind_text(line, 2, step.record);
        bind_text(line, 3, said);
        database_.step(line);
    }

    Database& database() { return database_; }

private:
    Database database_;
    std::map<std::string, int> fields_;
};

Json json_of(const Cost& cost) {
    return {{"ms", cost.wall_ms}, {"cpu", cost.cpu_s}};
}

}  // namespace

Json bare_core(const std::vector<Step>& steps, const std::filesystem::path& folder) {
    BareStore batch(folder / "bare-batch");
    const Cost whole = measure([&] {
        batch.database().run("BEGIN IMMEDIATE");
        for (const Step& step : steps) batch.write(step);
        batch.database().run("COMMIT");
    });
    BareStore singles(folder / "bare-singles");
    const Cost one_by_one = measure([&] {
        for (const Step& step : steps) {
            singles.database().run("BEGIN IMMEDIATE");
            singles.write(step);
            singles.database().run("COMMIT");
        }
    });
    return {{"batch", json_of(whole)},
            {"singles", json_of(one_by_one)},
            {"rest", batch.database().bytes_at_rest()}};
}

}  // namespace godwit::bench
