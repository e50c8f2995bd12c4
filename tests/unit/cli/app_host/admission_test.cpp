#include "field-client/cli/app_host/admission.h"

#include <set>

#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "tests/support/catch.h"

namespace godwit {

namespace {

struct Gate {
    Result<SodiumCipher> cipher = SodiumCipher::create();
    Result<SodiumRandom> random = SodiumRandom::create();
    Admission admission{*random, *cipher};
};

}  // namespace

TEST_CASE("a link admits once", "[app_host]") {
    Gate gate;
    const std::string link = gate.admission.new_link();
    CHECK(link.size() == 43);  // 32 bytes.
    const auto session = gate.admission.admit(link);
    REQUIRE(session);
    CHECK(gate.admission.knows(session->cookie, session->token));
    CHECK_FALSE(gate.admission.admit(link));
}

TEST_CASE("before there is a link or a session, nothing is good", "[app_host]") {
    Gate gate;
    CHECK_FALSE(gate.admission.admit(""));
    CHECK_FALSE(gate.admission.knows("", ""));
    const std::string link = gate.admission.new_link();
    REQUIRE(gate.admission.admit(link));
    CHECK_FALSE(gate.admission.admit(""));
    CHECK_FALSE(gate.admission.knows("", ""));
}

TEST_CASE("a wrong secret is refused, and uses nothing up", "[app_host]") {
    Gate gate;
    const std::string link = gate.admission.new_link();
    std::string other = link;
    other.back() = other.back() == 'A' ? 'B' : 'A';
    CHECK_FALSE(gate.admission.admit(other));
    CHECK_FALSE(gate.admission.admit(link.substr(1)));
    CHECK_FALSE(gate.admission.admit(link + "A"));
    CHECK(gate.admission.admit(link));
}

TEST_CASE("a call needs the cookie and the token of one session", "[app_host]") {
    Gate gate;
    const auto session = gate.admission.admit(gate.admission.new_link());
    REQUIRE(session);
    CHECK_FALSE(gate.admission.knows(session->cookie, ""));
    CHECK_FALSE(gate.admission.knows("", session->token));
    CHECK_FALSE(gate.admission.knows(session->token, session->cookie));
}

TEST_CASE("a new link voids the one before, a new session the old", "[app_host]") {
    Gate gate;
    const std::string first = gate.admission.new_link();
    const std::string second = gate.admission.new_link();
    CHECK_FALSE(gate.admission.admit(first));
    const auto old = gate.admission.admit(second);
    REQUIRE(old);
    const std::string third = gate.admission.new_link();
    CHECK(gate.admission.knows(old->cookie, old->token));  // Until the link is used.
    const auto now = gate.admission.admit(third);
    REQUIRE(now);
    CHECK_FALSE(gate.admission.knows(old->cookie, old->token));
    CHECK_FALSE(gate.admission.knows(now->cookie, old->token));
    CHECK(gate.admission.knows(now->cookie, now->token));
    CHECK(std::set{first, second, third, old->cookie, old->token, now->cookie, now->token}.size() ==
          7);
}

}  // namespace godwit
