#include "shared/seal/key_batch.h"

#include <algorithm>
#include <tuple>

namespace godwit {

namespace {

/// A tree of which some leaves are told. Its nodes are numbered as in a heap: the top is 1, below
/// `node` stand 2 node and 2 node + 1, and the leaf at `place` is 2^depth + place.
class ToldTree {
public:
    explicit ToldTree(std::size_t depth)
        : first_leaf_(std::size_t{1} << depth),
          is_on_way_(first_leaf_ * 2),
          digests_(first_leaf_ * 2) {}

    /// The leaf at `place` is told: it and what stands above it can be computed.
    void tell(std::size_t place) {
        for (std::size_t node = first_leaf_ + place; node > 0; node /= 2) is_on_way_[node] = true;
    }

    void set(std::size_t node, const Digest& digest) { digests_[node] = digest; }
    void set_leaf(std::size_t place, const Digest& digest) { set(first_leaf_ + place, digest); }

    /// Calls `each` with every node that stands beside a way and on none, in their order.
    template <typename Each>
    Result<void> each_beside(const Each& each) {
        for (std::size_t first = first_leaf_; first > 1; first /= 2) {
            for (std::size_t node = first; node < first * 2; ++node) {
                if (!is_on_way_[node] && is_on_way_[node ^ 1U]) TRY(each(node));
            }
        }
        return ok();
    }

    /// The node beside the way from `place`, at `level` above the leaves.
    [[nodiscard]] std::size_t beside(std::size_t place, std::size_t level) const {
        return ((first_leaf_ + place) >> level) ^ 1U;
    }

    const Digest& digest(std::size_t node) {
        auto& digest = digests_[node];
        if (!digest) digest = node_of(this->digest(node * 2), this->digest(node * 2 + 1));
        return *digest;
    }

private:
    std::size_t first_leaf_;
    std::vector<bool> is_on_way_;
    std::vector<std::optional<Digest>> digests_;
};

auto signature_of(const RecordKeyStatement& statement) {
    return std::make_tuple(std::cref(statement.maker), std::cref(statement.team),
                           statement.path.size(), std::cref(statement.signature));
}

/// `told` are under one signature, by place.
Bytes encode_batch(std::span<const RecordKeyStatement> told) {
    const RecordKeyStatement& first = told.front();
    const std::size_t depth = first.path.size();
    Bytes bytes;
    bytes.reserve(128 + told.size() * 56 + depth * sizeof(Digest));
    cbor::Encoder out(bytes);
    out.array(6).id(first.maker).id(first.team).unsigned_integer(depth).bytes(first.signature);
    out.array(told.size() * 3);
    ToldTree tree(depth);
    for (const RecordKeyStatement& statement : told) {
        out.unsigned_integer(statement.place).id(statement.record).bytes(statement.commitment);
        tree.tell(statement.place);
    }
    for (const RecordKeyStatement& statement : told) {
        for (std::size_t level = 0; level < depth; ++level) {
            tree.set(tree.beside(statement.place, level), statement.path[level]);
        }
    }
    Bytes digests;
    (void)tree.each_beside([&](std::size_t node) -> Result<void> {
        append(digests, tree.digest(node));
        return ok();
    });
    out.bytes(digests);
    return bytes;
}

Result<std::size_t> read_depth(cbor::Decoder& in) {
    const std::uint64_t depth = TRY(in.unsigned_integer());
    if (depth > RecordKeyStatement::path_count_max) {
        return Error{ErrorCode::malformed, "too many record keys under one signature"};
    }
    return static_cast<std::size_t>(depth);
}

/// The statements of a batch, without their paths.
Result<std::vector<RecordKeyStatement>> read_entries(cbor::Decoder& in,
                                                     const RecordKeyStatement& common,
                                                     std::size_t depth) {
    const std::size_t items = TRY(in.array());
    if (items == 0 || items % 3 != 0 || items / 3 > std::size_t{1} << depth) {
        return Error{ErrorCode::malformed, "not as many record keys as the batch can hold"};
    }
    std::vector<RecordKeyStatement> told;
    told.reserve(items / 3);
    for (std::size_t item = 0; item < items; item += 3) {
        const std::uint64_t place = TRY(in.unsigned_integer());
        const bool ascends = told.empty() || place > told.back().place;
        if (!ascends || place >> depth != 0) {
            return Error{ErrorCode::malformed, "a record key stands where none can"};
        }
        RecordKeyStatement& statement = told.emplace_back(common);
        statement.place = static_cast<std::uint32_t>(place);
        statement.record = TRY(in.id<RecordId>());
        statement.commitment = TRY(in.fixed<32>());
    }
    return told;
}

Result<void> read_digests(cbor::Decoder& in, ToldTree& tree) {
    const Error unfit{ErrorCode::malformed, "not the digests that a batch of record keys needs"};
    ByteView digests = TRY(in.bytes());
    TRY(tree.each_beside([&](std::size_t node) -> Result<void> {
        Digest digest{};
        if (digests.size() < digest.size()) return unfit;
        std::memcpy(digest.data(), digests.data(), digest.size());
        digests = digests.subspan(digest.size());
        tree.set(node, digest);
        return ok();
    }));
    if (!digests.empty()) return unfit;
    return ok();
}

}  // namespace

Bytes encode_statement(const RecordKeyStatement& statement) {
    return encode_batch({&statement, 1});
}

std::vector<Bytes> encode_batches(std::vector<RecordKeyStatement> statements) {
    std::sort(statements.begin(), statements.end(), [](const auto& left, const auto& right) {
        return std::tuple_cat(signature_of(left), std::make_tuple(left.place)) <
               std::tuple_cat(signature_of(right), std::make_tuple(right.place));
    });
    std::vector<Bytes> out;
    std::span<const RecordKeyStatement> rest(statements);
    while (!rest.empty()) {
        std::size_t count = 1;
        // Two statements never share a place; a store that says so gets two batches, and neither
        // verifies.
        while (count < rest.size() && signature_of(rest[count]) == signature_of(rest[0]) &&
               rest[count].place > rest[count - 1].place) {
            ++count;
        }
        out.push_back(encode_batch(rest.first(count)));
        rest = rest.subspan(count);
    }
    return out;
}

Result<std::vector<RecordKeyStatement>> decode_batch(ByteView bytes) {
    cbor::Decoder in(bytes);
    TRY(in.array_of(6));
    RecordKeyStatement common;
    common.maker = TRY(in.id<ReplicaId>());
    common.team = TRY(in.id<TeamId>());
    const std::size_t depth = TRY(read_depth(in));
    common.signature = TRY(in.fixed<64>());
    std::vector<RecordKeyStatement> told = TRY(read_entries(in, common, depth));
    ToldTree tree(depth);
    for (const RecordKeyStatement& statement : told) tree.tell(statement.place);
    TRY(read_digests(in, tree));
    TRY(in.finish());
    // One that stands alone is beside nobody's way: its own digest is not needed.
    if (told.size() > 1) {
        for (const RecordKeyStatement& statement : told) {
            tree.set_leaf(statement.place, leaf_of(statement));
        }
    }
    for (RecordKeyStatement& statement : told) {
        statement.path.reserve(depth);
        for (std::size_t level = 0; level < depth; ++level) {
            statement.path.push_back(tree.digest(tree.beside(statement.place, level)));
        }
    }
    return told;
}

Result<RecordKeyStatement> decode_statement_alone(ByteView bytes) {
    std::vector<RecordKeyStatement> told = TRY(decode_batch(bytes));
    if (told.size() != 1) return Error{ErrorCode::malformed, "several record keys for one record"};
    return std::move(told.front());
}

}  // namespace godwit
