/// The sixteen-byte ids of things, each with its own type so that none passes for another.
#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>

#include "shared/base/bytes.h"

namespace godwit {

template <typename Tag>
struct Id {
    static constexpr std::size_t size = 16;
    std::array<std::uint8_t, size> bytes{};

    std::strong_ordering operator<=>(const Id&) const = default;

    [[nodiscard]] ByteView view() const { return {bytes.data(), bytes.size()}; }
    [[nodiscard]] bool is_zero() const { return *this == Id{}; }

    /// The id in `view`, if it has exactly sixteen bytes.
    static std::optional<Id> from(ByteView view) {
        if (view.size() != size) return std::nullopt;
        Id id;
        std::memcpy(id.bytes.data(), view.data(), size);
        return id;
    }
};

using RecordId = Id<struct RecordTag>;
using LogId = Id<struct LogTag>;  ///< A change log.
using ReplicaId = Id<struct ReplicaTag>;
using TeamId = Id<struct TeamTag>;
using MemberId = Id<struct MemberTag>;  ///< A person.
using InvitationId = Id<struct InvitationTag>;
using OrganisationId = Id<struct OrganisationTag>;
using EpochId = Id<struct EpochTag>;  ///< A server's life between restores.

}  // namespace godwit

template <typename Tag>
struct std::hash<godwit::Id<Tag>> {
    std::size_t operator()(const godwit::Id<Tag>& id) const noexcept {
        std::size_t out = 0;  // Ids are random: eight of their bytes are hash enough.
        std::memcpy(&out, id.bytes.data() + 8, sizeof out);
        return out;
    }
};
