/// Dots name changes; contexts say which changes somebody had seen.
///
/// A context is a version vector over change logs: for each log, "all of it through this
/// sequence". It is exact because logs are applied in order and without gaps.
///
/// Spec: change-format §3. Source: Preguiça et al., Dotted Version Vectors (2010).
#pragma once

#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

#include "shared/base/id.h"
#include "shared/change/cbor.h"

namespace godwit {

/// A change's number in its change log, from 1, without gaps. 0: before the first.
using Sequence = std::uint64_t;

/// The greatest sequence that is accepted: every JSON reader and every database still holds it
/// exactly, and adding to it cannot overflow.
inline constexpr Sequence sequence_max = 1ULL << 53U;

struct Dot {
    LogId log;
    Sequence sequence{};

    std::strong_ordering operator<=>(const Dot&) const = default;
};

class Context {
public:
    struct Entry {
        LogId log;
        Sequence through{};  ///< At least 1.
        std::strong_ordering operator<=>(const Entry&) const = default;
    };

    /// `entries` ascend by log, each log once.
    static Context of(std::vector<Entry> entries) {
        Context context;
        context.entries_ = std::move(entries);
        return context;
    }

    /// 0 when nothing of `log` was seen.
    [[nodiscard]] Sequence through(const LogId& log) const;
    [[nodiscard]] bool covers(const Dot& dot) const { return dot.sequence <= through(dot.log); }
    [[nodiscard]] bool covers(const Context& other) const;

    /// Raises the entry of dot.log to dot.sequence; never lowers it. Sequence 0 changes nothing.
    void add(const Dot& dot);
    void join(const Context& other);
    void remove(const LogId& log);
    /// Lowers the entry of `log` to at most `through`; removes it at 0.
    void cap(const LogId& log, Sequence through);

    /// By log id, ascending; each log once.
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] bool is_empty() const { return entries_.empty(); }

    bool operator==(const Context&) const = default;

private:
    std::vector<Entry> entries_;
};

/// [log, sequence]. decode_dot fails with malformed for a sequence outside [1, sequence_max].
void encode(cbor::Encoder& out, const Dot& dot);
Result<Dot> decode_dot(cbor::Decoder& in);

/// [log, through, log, through, …], logs strictly ascending. decode_context fails with
/// not_deterministic when they do not ascend, malformed for a sequence as above.
void encode(cbor::Encoder& out, const Context& context);
Result<Context> decode_context(cbor::Decoder& in);

}  // namespace godwit
