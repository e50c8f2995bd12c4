/// The roster as every thread sees it: one unchanging copy at a time, replaced after each commit
/// that added statements.
///
/// Spec: sealing §5; exchange §6.
#pragma once

#include <memory>
#include <mutex>

#include "shared/seal/roster.h"

namespace godwit {

/// A roster in the making: a copy is made when the first statement is added, and only then.
class RosterDraft {
public:
    /// Null before the founding.
    explicit RosterDraft(std::shared_ptr<const Roster> base) : base_(std::move(base)) {}

    [[nodiscard]] std::shared_ptr<const Roster> present() const {
        if (own_) return own_;
        return base_;
    }
    [[nodiscard]] const Roster* operator->() const { return &**this; }
    [[nodiscard]] const Roster& operator*() const { return own_ ? *own_ : *base_; }
    explicit operator bool() const { return own_ != nullptr || base_ != nullptr; }

    /// The copy; `first` makes it when there is no roster yet.
    template <typename First>
    Roster& edit(const First& first) {
        if (!own_) own_ = base_ ? std::make_shared<Roster>(*base_) : first();
        return *own_;
    }

private:
    std::shared_ptr<const Roster> base_;
    std::shared_ptr<Roster> own_;
};

/// Any thread may call anything.
class RosterBook {
public:
    /// Null before the founding.
    explicit RosterBook(std::shared_ptr<const Roster> roster) : present_(std::move(roster)) {}

    [[nodiscard]] std::shared_ptr<const Roster> present() const {
        const std::lock_guard lock(mutex_);
        return present_;
    }

    void publish(std::shared_ptr<const Roster> roster) {
        const std::lock_guard lock(mutex_);
        present_ = std::move(roster);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Roster> present_;
};

}  // namespace godwit
