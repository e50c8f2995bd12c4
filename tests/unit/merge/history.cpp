#include "tests/unit/merge/history.h"

#include <algorithm>

namespace godwit::test {

namespace {

constexpr std::array<std::uint32_t, 2> fields{any_field, any_field + 1};

/// Reads numbers out of one word, the lowest first.
class Word {
public:
    explicit Word(std::uint32_t word) : word_(word) {}

    std::uint32_t below(std::uint32_t end) {
        const std::uint32_t out = word_ % end;
        word_ /= end;
        return out;
    }
    bool one_in(std::uint32_t chances) { return below(chances) == chances - 1; }

private:
    std::uint32_t word_;
};

const Person& author_of(std::size_t index) {
    static const std::array<const Person*, replicas_count> people{&asha, &bela, &caro};
    return *people[index];
}

Bytes value_of(Rule rule, Word& word) {
    const std::uint32_t drawn = word.below(4);
    return rule == Rule::sum ? integer(static_cast<std::int64_t>(drawn) - 1)
                             : text(std::string(1, static_cast<char>('p' + drawn)));
}

Operation gaining(Rule rule, std::uint32_t field, Word& word) {
    const Bytes value = value_of(rule, word);
    Operation out{field, OperationKind::set, Form::open, value, {}};
    if (rule == Rule::union_) out.kind = OperationKind::add;
    if (rule == Rule::append) out.kind = OperationKind::append;
    if (rule == Rule::sum) out.kind = OperationKind::increment;
    if (out.kind == OperationKind::set && word.one_in(5)) {
        out.kind = OperationKind::settle;
        out.value = array({value, value_of(rule, word)});
    }
    if (word.one_in(16)) out.kind = static_cast<OperationKind>(99);
    return out;
}

/// A removal of some of the elements a replica sees, if it sees any.
void draw_removal(std::vector<Operation>& operations, const RecordState& state, std::uint32_t field,
                  Word& word) {
    std::vector<Dot> dots = sibling_dots(state, field);
    std::erase_if(dots, [&](const Dot&) { return word.one_in(3); });
    if (!dots.empty()) operations.push_back(take_out(std::move(dots), field));
}

class Teller {
public:
    explicit Teller(Rule rule) : rule_(rule) {}

    History tell(const std::vector<std::uint32_t>& script) {
        for (const std::uint32_t each : script) {
            Word word(each);
            const std::size_t who = word.below(replicas_count);
            if (word.below(2) == 0) {
                speak(who, word);
            } else {
                read(who, word);
            }
        }
        return std::move(history_);
    }

private:
    void speak(std::size_t who, Word& word) {
        std::vector<Operation> operations;
        for (const std::uint32_t field : fields) {
            const std::uint32_t what = word.below(4);
            if (rule_ == Rule::union_ && what >= 2) {
                draw_removal(operations, states_[who], field, word);
            }
            if (what <= 2) operations.push_back(gaining(rule_, field, word));
        }
        if (word.one_in(24)) operations = {erase()};
        if (operations.empty()) return;
        Context context = states_[who].context();
        context.remove(author_of(who).log);
        const Person& by = author_of(who);
        auto& log = history_.logs[who];
        Said made = said(by, log.size() + 1, std::move(operations), context, word.below(3));
        if (word.one_in(4)) made.change.role = Role::supervisor;
        apply(states_[who], made);
        log.push_back(std::move(made));
        ++history_.held[who][who];
    }

    /// Reads on in one log, without regard for what its changes had seen.
    void read(std::size_t who, Word& word) {
        const std::size_t whose = word.below(replicas_count);
        std::size_t left = word.below(4) + 1;
        std::size_t& held = history_.held[who][whose];
        for (; left > 0 && held < history_.logs[whose].size(); --left) {
            apply(states_[who], history_.logs[whose][held++]);
        }
    }

    Rule rule_;
    History history_;
    std::array<RecordState, replicas_count> states_;
};

}  // namespace

Prefix joined(const Prefix& left, const Prefix& right) {
    Prefix out{};
    for (std::size_t log = 0; log < replicas_count; ++log) {
        out[log] = std::max(left[log], right[log]);
    }
    return out;
}

Prefix History::all() const {
    Prefix out{};
    for (std::size_t log = 0; log < replicas_count; ++log) out[log] = logs[log].size();
    return out;
}

std::vector<Said> History::changes(const Prefix& prefix) const {
    std::vector<Said> out;
    for (std::size_t log = 0; log < replicas_count; ++log) {
        const auto end = logs[log].begin() + static_cast<std::ptrdiff_t>(prefix[log]);
        out.insert(out.end(), logs[log].begin(), end);
    }
    return out;
}

History history_of(Rule rule, const std::vector<std::uint32_t>& script) {
    return Teller(rule).tell(script);
}

RecordState interleaved_state(const History& history, const Prefix& prefix,
                              const std::vector<std::uint32_t>& script) {
    RecordState state;
    Prefix next{};
    for (std::size_t step = 0; next != prefix; ++step) {
        // A log that is spent, or a script at its end, passes the turn to the next log.
        std::size_t log = step < script.size() ? script[step] % replicas_count : 0;
        while (next[log] == prefix[log]) log = (log + 1) % replicas_count;
        apply(state, history.logs[log][next[log]++]);
    }
    return state;
}

}  // namespace godwit::test
