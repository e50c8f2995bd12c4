/// zstd's working memory, made once and used again: making it costs more than deflating a record.
/// A few of each kind are kept for whoever comes next; more exist only while they are in use.
#pragma once

#include <zstd.h>

#include <memory>
#include <mutex>
#include <vector>

namespace godwit {

template <typename Context, Context* (*make)(), std::size_t (*free)(Context*)>
class ContextShelf {
public:
    static constexpr std::size_t kept_max = 4;

    struct Free {
        void operator()(Context* context) const { free(context); }
    };
    using Owned = std::unique_ptr<Context, Free>;

    /// Empty when there is no memory for one.
    Owned take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Owned out = std::move(idle_.back());
                idle_.pop_back();
                return out;
            }
        }
        return Owned(make());
    }

    void give_back(Owned context) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kept_max) idle_.push_back(std::move(context));
    }

private:
    std::mutex mutex_;
    std::vector<Owned> idle_;
};

using DeflatingShelf = ContextShelf<ZSTD_CCtx, ZSTD_createCCtx, ZSTD_freeCCtx>;
using InflatingShelf = ContextShelf<ZSTD_DCtx, ZSTD_createDCtx, ZSTD_freeDCtx>;

DeflatingShelf& deflating_contexts();
InflatingShelf& inflating_contexts();

}  // namespace godwit
