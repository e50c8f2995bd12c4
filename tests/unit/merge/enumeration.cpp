#include "tests/unit/merge/enumeration.h"

#include <algorithm>

#include "tests/unit/merge/naive_model.h"

namespace godwit::test {

namespace {

const Person& person_of(std::size_t who) {
    static const std::array<const Person*, replicas_count> people{&asha, &bela, &caro};
    return *people[who];
}

/// Does what its author had seen make any difference to what an operation does? Where it does not,
/// one choice of it stands for all.
bool reads_context(OperationKind kind) {
    return kind == OperationKind::set || kind == OperationKind::settle ||
           kind == OperationKind::remove;
}

class Enumerator {
public:
    Enumerator(const Enumeration& what, const std::function<void(const History&)>& visit)
        : what_(what), visit_(visit) {}

    std::size_t run() {
        extend();
        return count_;
    }

private:
    struct Step {
        std::size_t who;
        OperationKind kind;
        Prefix past;  ///< What its author had seen, its own log included, itself not.
    };

    /// Adds one more operation in every way, and goes on from there.
    void extend() {
        for (std::size_t who = 0; who < replicas_count; ++who) {
            if (history_.logs[who].size() == what_.operations_max) continue;
            Prefix past = history_.held[who];
            extend_by(who, 0, past);
        }
    }

    /// Chooses how far `who` had read every log from `log` on.
    void extend_by(std::size_t who, std::size_t log, Prefix& past) {
        if (log == replicas_count) {
            if (is_allowed(who, past)) say(who, past);
            return;
        }
        const std::size_t least = past[log];
        const std::size_t most = log == who ? least : history_.logs[log].size();
        for (past[log] = least; past[log] <= most; ++past[log]) extend_by(who, log + 1, past);
        past[log] = least;
    }

    bool is_allowed(std::size_t who, const Prefix& past) const {
        return (what_.delivery == Delivery::any || is_closed(past)) && is_first_telling(who, past);
    }

    /// Does `past` hold whatever the authors of its changes had seen?
    bool is_closed(const Prefix& past) const {
        return std::all_of(steps_.begin(), steps_.end(), [&](const Step& each) {
            const bool is_within = each.past[each.who] < past[each.who];
            return !is_within || joined(past, each.past) == past;
        });
    }

    /// Of all orders in which a history can be told, only the one is followed whose sequence of
    /// speakers comes first: an operation must not stand behind one of a later replica that it
    /// could as well stand before.
    bool is_first_telling(std::size_t who, const Prefix& past) const {
        for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
            const bool is_within = step->past[step->who] < past[step->who];
            if (is_within || step->who == who) return true;
            if (step->who > who) return false;
        }
        return true;
    }

    void say(std::size_t who, const Prefix& past) {
        for (const OperationKind kind : what_.kinds) {
            if (!reads_context(kind) && past != history_.held[who]) continue;
            auto operation = operation_of(kind, past);
            if (!operation) continue;
            Context context;
            for (std::size_t log = 0; log < replicas_count; ++log) {
                if (log != who) context.add({person_of(log).log, past[log]});
            }
            auto& log = history_.logs[who];
            const auto at_ms = static_cast<std::int64_t>((steps_.size() * 5 + who) % 4);
            Said made =
                said(person_of(who), log.size() + 1, {std::move(*operation)}, context, at_ms);
            if (steps_.size() % 2 == 1) made.change.role = Role::supervisor;
            log.push_back(std::move(made));
            const Prefix before = history_.held[who];
            history_.held[who] = past;
            ++history_.held[who][who];
            steps_.push_back({who, kind, past});

            if (is_first_naming()) {
                ++count_;
                visit_(history_);
            }
            extend();

            steps_.pop_back();
            history_.held[who] = before;
            log.pop_back();
        }
    }

    /// The history as numbers, when the replica `names[k]` is called k.
    std::vector<std::size_t> told_with(const Prefix& names) const {
        std::vector<std::size_t> out;
        for (const std::size_t who : names) {
            out.push_back(history_.logs[who].size());
            for (const Step& each : steps_) {
                if (each.who != who) continue;
                out.push_back(static_cast<std::size_t>(each.kind));
                for (const std::size_t log : names) out.push_back(each.past[log]);
            }
        }
        return out;
    }

    /// Of all ways to name the replicas, only the one is visited that tells the greatest numbers.
    bool is_first_naming() const {
        Prefix names{0, 1, 2};
        const auto told = told_with(names);
        while (std::next_permutation(names.begin(), names.end())) {
            if (told_with(names) > told) return false;
        }
        return true;
    }

    std::optional<Operation> operation_of(OperationKind kind, const Prefix& past) const {
        if (kind == OperationKind::remove) {
            std::vector<Dot> dots = sibling_dots(naive_state(history_.changes(past)));
            if (dots.empty()) return std::nullopt;
            return take_out(std::move(dots));
        }
        // Values repeat now and then, as people's do.
        const auto number = static_cast<std::int64_t>(steps_.size() % 4);
        const Bytes value = kind == OperationKind::increment
                                ? integer(number)
                                : text(std::string(1, static_cast<char>('p' + number)));
        Operation out{any_field, kind, Form::open, value, {}};
        if (kind == OperationKind::settle) out.value = array({value, text("t")});
        return out;
    }

    const Enumeration& what_;
    const std::function<void(const History&)>& visit_;
    History history_;
    std::vector<Step> steps_;
    std::size_t count_ = 0;
};

}  // namespace

std::size_t enumerate(const Enumeration& what, const std::function<void(const History&)>& visit) {
    return Enumerator(what, visit).run();
}

}  // namespace godwit::test
