#include "shared/change/dot.h"

#include <algorithm>
#include <string>

namespace godwit {

namespace {

constexpr std::size_t log_number_bytes_min = 18;  ///< A log's id and a small number.

bool is_log_before(const Context::Entry& entry, const LogId& log) {
    return entry.log < log;
}

Result<Sequence> decode_sequence(cbor::Decoder& in) {
    const std::size_t start = in.offset();
    const Sequence sequence = TRY(in.unsigned_integer());
    if (sequence == 0 || sequence > sequence_max) {
        return Error{ErrorCode::malformed,
                     "a sequence out of bounds at byte " + std::to_string(start)};
    }
    return sequence;
}

}  // namespace

Sequence Context::through(const LogId& log) const {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), log, is_log_before);
    return entry != entries_.end() && entry->log == log ? entry->through : 0;
}

bool Context::covers(const Context& other) const {
    auto mine = entries_.begin();
    for (const Entry& wanted : other.entries_) {
        while (mine != entries_.end() && mine->log < wanted.log) ++mine;
        if (mine == entries_.end() || mine->log != wanted.log) return false;
        if (mine->through < wanted.through) return false;
    }
    return true;
}

void Context::add(const Dot& dot) {
    if (dot.sequence == 0) return;
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), dot.log, is_log_before);
    if (entry != entries_.end() && entry->log == dot.log) {
        entry->through = std::max(entry->through, dot.sequence);
    } else {
        entries_.insert(entry, Entry{dot.log, dot.sequence});
    }
}

void Context::join(const Context& other) {
    if (covers(other)) return;  // Ordinary, and then nothing is allocated.
    std::vector<Entry> joined;
    joined.reserve(entries_.size() + other.entries_.size());
    auto left = entries_.begin();
    auto right = other.entries_.begin();
    while (left != entries_.end() || right != other.entries_.end()) {
        if (right == other.entries_.end() || (left != entries_.end() && left->log < right->log)) {
            joined.push_back(*left++);
        } else if (left == entries_.end() || right->log < left->log) {
            joined.push_back(*right++);
        } else {
            joined.push_back({left->log, std::max(left->through, right->through)});
            ++left;
            ++right;
        }
    }
    entries_ = std::move(joined);
}

void Context::remove(const LogId& log) {
    cap(log, 0);
}

void Context::cap(const LogId& log, Sequence through) {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), log, is_log_before);
    if (entry == entries_.end() || entry->log != log) return;
    if (through == 0) {
        entries_.erase(entry);
    } else {
        entry->through = std::min(entry->through, through);
    }
}

void encode(cbor::Encoder& out, const Dot& dot) {
    out.array(2).id(dot.log).unsigned_integer(dot.sequence);
}

Result<Dot> decode_dot(cbor::Decoder& in) {
    TRY(in.array_of(2));
    Dot dot;
    dot.log = TRY(in.id<LogId>());
    dot.sequence = TRY(decode_sequence(in));
    return dot;
}

void encode(cbor::Encoder& out, const Context& context) {
    out.array(context.entries().size() * 2);
    for (const Context::Entry& entry : context.entries()) {
        out.id(entry.log).unsigned_integer(entry.through);
    }
}

Result<Context> decode_context(cbor::Decoder& in) {
    const std::size_t start = in.offset();
    const std::size_t count = TRY(in.array());
    if (count % 2 != 0) {
        return Error{ErrorCode::malformed,
                     "a context of half an entry at byte " + std::to_string(start)};
    }
    if (count / 2 > in.left() / log_number_bytes_min) {
        return Error{ErrorCode::malformed, "a context cut short at byte " + std::to_string(start)};
    }
    std::vector<Context::Entry> entries;
    entries.reserve(count / 2);
    for (std::size_t index = 0; index < count; index += 2) {
        const std::size_t at = in.offset();
        const LogId log = TRY(in.id<LogId>());
        if (!entries.empty() && !(entries.back().log < log)) {
            return Error{ErrorCode::not_deterministic,
                         "a log of a context out of order at byte " + std::to_string(at)};
        }
        entries.push_back({log, TRY(decode_sequence(in))});
    }
    return Context::of(std::move(entries));
}

}  // namespace godwit
