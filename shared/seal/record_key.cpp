#include "shared/seal/record_key.h"

#include <algorithm>

#include "shared/base/sha256.h"
#include "shared/base/text.h"

namespace godwit {

namespace {

constexpr std::string_view leaf_label = "godwit record key 1";
constexpr std::string_view node_label = "godwit record keys 1";
constexpr std::size_t tree_count_max = std::size_t{1} << RecordKeyStatement::path_count_max;

using Level = std::vector<Digest>;

Digest commitment_to(const Cipher& cipher, const RecordKey& key, const RecordId& record) {
    Bytes message = copy_of(bytes_of(leaf_label));
    append(message, record.view());
    return cipher.keyed_hash(message, key.view());
}

Bytes leaf_bytes(const RecordKeyStatement& statement) {
    Bytes out = copy_of(bytes_of(leaf_label));
    append(out, statement.record.view());
    append(out, statement.team.view());
    append(out, statement.commitment);
    return out;
}

Bytes node_bytes(const Digest& left, const Digest& right) {
    Bytes out = copy_of(bytes_of(node_label));
    append(out, left);
    append(out, right);
    return out;
}

bool is_right(const RecordKeyStatement& statement, std::size_t level) {
    return (statement.place >> level & 1U) != 0;
}

/// The top of the statement's tree, as it follows from its leaf and path.
Bytes top_bytes(const RecordKeyStatement& statement) {
    const auto& path = statement.path;
    if (path.empty()) return leaf_bytes(statement);
    Digest at = leaf_of(statement);
    for (std::size_t level = 0; level + 1 < path.size(); ++level) {
        at = is_right(statement, level) ? node_of(path[level], at) : node_of(at, path[level]);
    }
    return is_right(statement, path.size() - 1) ? node_bytes(path.back(), at)
                                                : node_bytes(at, path.back());
}

std::vector<Level> levels_above(std::span<RecordKeyStatement* const> statements) {
    std::vector<Level> levels(1);
    for (const RecordKeyStatement* statement : statements) {
        levels.front().push_back(leaf_of(*statement));
    }
    while (levels.back().size() > 2) {
        const Level& below = levels.back();
        Level level;
        for (std::size_t at = 0; at < below.size(); at += 2) {
            level.push_back(node_of(below[at], below[at + 1]));
        }
        levels.push_back(std::move(level));
    }
    return levels;
}

/// `statements` are as many as a power of two.
void sign_tree(const Cipher& cipher, std::span<RecordKeyStatement* const> statements,
               const SigningSecretKey& signing_key) {
    std::vector<Level> levels;
    if (statements.size() > 1) levels = levels_above(statements);
    std::uint32_t place = 0;
    for (RecordKeyStatement* statement : statements) {
        statement->place = place;
        statement->path.clear();
        for (std::size_t level = 0; level < levels.size(); ++level) {
            statement->path.push_back(levels[level][(place >> level) ^ 1U]);
        }
        ++place;
    }
    const Signature signature = cipher.sign(top_bytes(*statements.front()), signing_key);
    for (RecordKeyStatement* statement : statements) statement->signature = signature;
}

Error not_signed(const RecordKeyStatement& statement) {
    return Error{ErrorCode::bad_signature,
                 "the record key is not the one replica " + to_text(statement.maker) + " made"};
}

bool can_be(const RecordKeyStatement& statement) {
    return statement.path.size() <= RecordKeyStatement::path_count_max &&
           statement.place >> statement.path.size() == 0;
}

}  // namespace

Digest leaf_of(const RecordKeyStatement& statement) {
    return sha256({bytes_of(leaf_label), statement.record.view(), statement.team.view(),
                   statement.commitment});
}

Digest node_of(const Digest& left, const Digest& right) {
    return sha256({bytes_of(node_label), left, right});
}

RecordKeyStatement commit_to_record_key(const Cipher& cipher, const RecordKey& key,
                                        const RecordId& record, const TeamId& team,
                                        const ReplicaId& maker) {
    RecordKeyStatement out;
    out.record = record;
    out.team = team;
    out.maker = maker;
    out.commitment = commitment_to(cipher, key, record);
    return out;
}

bool is_committed_to(const Cipher& cipher, const RecordKeyStatement& statement,
                     const RecordKey& key) {
    return cipher.is_same_secret(commitment_to(cipher, key, statement.record),
                                 statement.commitment);
}

void sign_record_keys(const Cipher& cipher, std::span<RecordKeyStatement* const> statements,
                      const SigningSecretKey& signing_key) {
    std::size_t size = tree_count_max;
    while (!statements.empty()) {
        while (size > statements.size()) size /= 2;
        sign_tree(cipher, statements.first(size), signing_key);
        statements = statements.subspan(size);
    }
}

RecordKeyStatement state_record_key(const Cipher& cipher, const RecordKey& key,
                                    const RecordId& record, const TeamId& team,
                                    const ReplicaId& maker, const SigningSecretKey& signing_key) {
    RecordKeyStatement out = commit_to_record_key(cipher, key, record, team, maker);
    RecordKeyStatement* const alone[] = {&out};
    sign_record_keys(cipher, alone, signing_key);
    return out;
}

Result<void> verify(const Cipher& cipher, const RecordKeyStatement& statement,
                    const SigningPublicKey& maker_key) {
    if (!can_be(statement) ||
        !cipher.verify(top_bytes(statement), statement.signature, maker_key)) {
        return not_signed(statement);
    }
    return ok();
}

Result<void> RecordKeyVerifier::verify(const Cipher& cipher, const RecordKeyStatement& statement,
                                       const SigningPublicKey& maker_key) {
    if (!can_be(statement)) return not_signed(statement);
    const Bytes top = top_bytes(statement);
    const Digest name = sha256({maker_key.view(), statement.signature, top});
    if (held_.contains(name)) return ok();
    if (!cipher.verify(top, statement.signature, maker_key)) return not_signed(statement);
    held_.insert(name);
    return ok();
}

}  // namespace godwit
