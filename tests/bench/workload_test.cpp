#include "tests/bench/workload.h"

#include <set>

#include "shared/base/sha256.h"
#include "shared/base/text.h"
#include "tests/support/catch.h"

using namespace godwit;
using namespace godwit::bench;

namespace {

std::string digest_of(const std::function<void(const Line&)>& print) {
    std::string all;
    print([&](const std::string& line) { all += line; });
    return format_hex(sha256({bytes_of(all)}));
}

}  // namespace

// The digests that other programs measured with this workload name.
TEST_CASE("the bench's work is the same bytes everywhere", "[bench]") {
    CHECK(digest_of([](const Line& line) {
              print_core({5000, 10'000, 1}, line);
          }) == "1f4342c1e5ddab7e654e1a74e8467927668a3fad89f063e09d2a5a35683d32a4");
    CHECK(digest_of([](const Line& line) { print_merge(1, line); }) ==
          "c80c2a034efc49d8e0332463518b5dcb577bc568f2a6364b02c37a63b7bdd2fd");
}

TEST_CASE("another seed is other work", "[bench]") {
    CHECK(digest_of([](const Line& line) {
              print_core({50, 100, 1}, line);
          }) != digest_of([](const Line& line) {
              print_core({50, 100, 2}, line);
          }));
}

TEST_CASE("every value of the merge work is written once", "[bench]") {
    const Merge merge = make_merge(1);
    std::set<std::string> values;
    std::size_t count = 0;
    for (const Step& step : merge.steps) {
        for (const auto& [field, value] : step.values) {
            values.insert(value);
            ++count;
        }
    }
    CHECK(values.size() == count);
    CHECK(merge.collisions.size() == 786);
    CHECK(merge.alone.size() == 2001);
    CHECK(merge.removed_but_edited.size() == 20);
}
