#include "shared/seal/keys.h"

#include <algorithm>
#include <new>
#include <ostream>
#include <type_traits>
#include <utility>

#include "shared/seal/invitation.h"
#include "tests/support/catch.h"

namespace godwit {
namespace {

template <typename T, typename = void>
struct CanPrint : std::false_type {};
template <typename T>
struct CanPrint<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

template <typename T, typename = void>
struct CanCompare : std::false_type {};
template <typename T>
struct CanCompare<T, std::void_t<decltype(std::declval<const T&>() == std::declval<const T&>())>>
    : std::true_type {};

template <typename Secret>
constexpr bool is_kept =
    !std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret> &&
    std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret> &&
    !CanPrint<Secret>::value && !CanCompare<Secret>::value;

static_assert(is_kept<SigningSecretKey>);
static_assert(is_kept<SigningSeed>);
static_assert(is_kept<BoxSecretKey>);
static_assert(is_kept<RecordKey>);
static_assert(is_kept<OrganisationKey>);
static_assert(is_kept<StoreKey>);
static_assert(is_kept<SigningKeyPair>);
static_assert(is_kept<BoxKeyPair>);
static_assert(!std::is_copy_constructible_v<Invitation> && !CanPrint<Invitation>::value);
static_assert(!CanPrint<FoundingLink>::value && !CanCompare<FoundingLink>::value);
// The checks above can tell: a public key is copied and compared.
static_assert(std::is_copy_constructible_v<SigningPublicKey>);
static_assert(CanCompare<SigningPublicKey>::value && CanPrint<int>::value);
// None passes for another.
static_assert(!std::is_convertible_v<RecordKey, StoreKey>);
static_assert(!std::is_convertible_v<SigningPublicKey, BoxPublicKey>);

bool is_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

TEST_CASE("wiping leaves nothing but zeros", "[seal]") {
    Bytes bytes(100, 7);
    wipe(std::span(bytes).first(99));
    CHECK(is_zero(ByteView(bytes).first(99)));
    CHECK(bytes.back() == 7);
    wipe({});

    std::string text = "seven words";
    const char* const start = text.data();
    wipe(text);
    CHECK(text.empty());
    CHECK(is_zero(bytes_of({start, 11})));
}

TEST_CASE("a secret that moved on leaves nothing behind", "[seal]") {
    RecordKey key;
    key.bytes.fill(7);
    RecordKey moved = std::move(key);
    CHECK(is_zero(key.view()));  // NOLINT(bugprone-use-after-move): what is left is the point.
    CHECK(moved.bytes[31] == 7);

    RecordKey assigned;
    assigned = std::move(moved);
    CHECK(is_zero(moved.view()));  // NOLINT(bugprone-use-after-move)
    CHECK(assigned.bytes[0] == 7);
}

TEST_CASE("a secret that goes is wiped where it lay", "[seal]") {
    alignas(RecordKey) std::array<std::uint8_t, sizeof(RecordKey)> place{};
    auto* const key = new (place.data()) RecordKey;
    key->bytes.fill(7);
    CHECK_FALSE(is_zero(place));
    key->~RecordKey();
    CHECK(is_zero(place));
}

TEST_CASE("a duplicate is made on purpose and stands alone", "[seal]") {
    RecordKey key;
    key.bytes.fill(7);
    {
        const RecordKey second = key.duplicate();
        CHECK(is_equal(second.view(), key.view()));
    }
    CHECK(key.bytes[5] == 7);
}

}  // namespace
}  // namespace godwit
