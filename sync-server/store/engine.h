/// The server's SQLite file: one connection that writes, and as many that read as are asked for at
/// once, up to a bound.
///
/// Invariants
///   - One process has the folder: it holds an advisory lock for as long as it lives.
///   - Whoever holds Writing is the only one who writes.
///   - Once an erasure was committed, no page in the database file or its write-ahead log keeps
///     what it destroyed longer than readers stand in the way; see forget_pages().
///
/// Spec: exchange §6. Design: durability.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>

#include "shared/base/random.h"
#include "shared/base/wall_clock.h"
#include "shared/sqlite/database.h"
#include "sync-server/store/contact_book.h"

namespace godwit {

class Engine {
public:
    static constexpr std::size_t readers_max = 8;

    /// The write connection, while this lives.
    class Writing {
    public:
        [[nodiscard]] Database& database() const { return *database_; }

    private:
        friend class Engine;
        Writing(std::mutex& mutex, Database& database) : lock_(mutex), database_(&database) {}
        std::unique_lock<std::mutex> lock_;
        Database* database_;
    };

    /// A read-only connection inside a read transaction: it sees one state until it goes.
    class Reading {
    public:
        Reading(Reading&& other) noexcept;
        Reading& operator=(Reading&&) = delete;
        ~Reading();
        [[nodiscard]] Database& database() const { return *database_; }

    private:
        friend class Engine;
        Reading(Engine& engine, std::unique_ptr<Database> database, Transaction transaction);
        Engine* engine_;
        std::unique_ptr<Database> database_;
        std::optional<Transaction> transaction_;
    };

    /// Opens `folder`/godwit.db and applies migrations. `is_created`: it must not exist yet.
    /// Fails with store_in_use, store_unsafe, schema_newer, storage_corrupt, storage_failed.
    static Result<std::unique_ptr<Engine>> open(const std::filesystem::path& folder,
                                                bool is_created, Random& random,
                                                const WallClock& wall,
                                                Files& files = system_files());
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Waits until nobody else writes.
    [[nodiscard]] Writing write();

    /// Waits when `readers_max` others read.
    Result<Reading> read();

    /// A connection of its own for what takes long, outside any transaction.
    Result<std::unique_ptr<Database>> open_reader() const;

    /// Remembers that erased content may still stand in the write-ahead log.
    void note_erasure() { has_pages_to_forget_ = true; }

    /// Empties the write-ahead log if an erasure was noted. Readers may stand in the way: then it
    /// does nothing yet, and returns false.
    Result<bool> forget_pages(Database& writer);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] Files& files() const { return files_; }
    [[nodiscard]] ContactBook& contacts() { return contacts_; }

private:
    explicit Engine(Files& files) : files_(files) {}

    Files& files_;
    std::filesystem::path folder_;
    std::unique_ptr<Files::Lock> lock_;
    std::unique_ptr<Database> writer_;
    std::mutex writing_;
    std::atomic<bool> has_pages_to_forget_{};
    ContactBook contacts_;

    std::mutex readers_mutex_;
    std::condition_variable reader_freed_;
    std::vector<std::unique_ptr<Database>> readers_;
    std::size_t readers_lent_{};
};

/// True when the database itself is in trouble, and not what somebody asked of it.
bool is_of_storage(const Error& error);

/// The name of the database in a server's folder.
inline constexpr const char* database_name = "godwit.db";

}  // namespace godwit
