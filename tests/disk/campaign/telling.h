/// The story's sentences: each is one call, with what it promises when it succeeds and what nobody
/// can know when it does not. A sentence about something that never came to be is left out.
#pragma once

#include "tests/disk/campaign/stage.h"

namespace godwit::campaign {

class Telling {
public:
    explicit Telling(Stage& stage) : stage_(stage) {}

    void enrol(Who who);
    /// Says whether it went through.
    bool sync(Who who);
    /// `key` names the record for later sentences; each text among `fields` is promised.
    void capture(Who who, const std::string& key, const std::string& type, const Json& fields,
                 bool is_draft = false);
    /// In one call; each with a narrative of about `bytes`.
    void capture_many(Who who, const std::string& key, int count, std::size_t bytes);
    /// Says whether it was saved.
    bool edit(Who who, const std::string& key, const std::string& field, const std::string& value);
    void note(Who who, const std::string& key, const std::string& field, const std::string& value);
    void add(Who who, const std::string& key, const std::string& field, const std::string& value);
    void count(Who who, const std::string& key, const std::string& field, std::int64_t by);
    void review(Who who, const std::string& key, const std::string& step);
    void erase(Who who, const std::string& key);
    void resolve_all(Who who);
    void revoke(Who who, const std::string& key);
    /// A sync after which the replica has destroyed its keys.
    void destroy(Who who);
    /// Either, when nobody can know.
    void sync_or_destroy(Who who);

    void back_up(const std::string& file);
    void restore(const std::string& file, const std::string& folder);
    /// What an operator does after a restore that nobody saw the end of.
    void finish_restore(const std::string& file);

private:
    [[nodiscard]] std::optional<std::string> record(const std::string& key) const;
    bool say(Who who, const std::string& method, const std::string& key, Json parameters,
             const std::string& field, const std::string& word, bool replaces);

    Stage& stage_;
};

}  // namespace godwit::campaign
