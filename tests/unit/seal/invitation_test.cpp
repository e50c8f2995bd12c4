#include "shared/seal/invitation.h"

#include "shared/base/text.h"
#include "shared/seal/roster.h"
#include "shared/seal/roster_proof.h"
#include "tests/support/catch.h"
#include "tests/unit/seal/organisation.h"

namespace godwit {
namespace {

FoundingLink a_link() {
    FoundingLink link;
    link.server_url = "https://192.0.2.7:8443";
    link.server_pin = Digest{1, 2, 3};
    link.server_key.bytes.fill(4);
    link.secret.fill(5);
    return link;
}

Invitation an_invitation() {
    Invitation invitation;
    invitation.server_url = "https://godwit.example";
    invitation.organisation = id_of<OrganisationId>(6);
    invitation.organisation_key.bytes.fill(7);
    invitation.seed.bytes.fill(8);
    invitation.proof = {{1}, {2, 3}};
    return invitation;
}

bool mentions(const Error& error, std::string_view words) {
    return error.detail.find(words) != std::string::npos;
}

TEST_CASE("a founding link is one line that reads back", "[seal]") {
    const FoundingLink link = a_link();
    const std::string text = format_founding_link(link);
    CHECK(text.rfind("godwit-found:", 0) == 0);
    CHECK(text.find_first_of(" \t\r\n") == std::string::npos);

    const auto parsed = parse_founding_link("\n  " + text + " \r\n");
    REQUIRE(parsed);
    CHECK(parsed->server_url == link.server_url);
    CHECK(parsed->server_pin == link.server_pin);
    CHECK(parsed->server_key == link.server_key);
    CHECK(parsed->secret == link.secret);
}

TEST_CASE("an invitation is one line that reads back", "[seal]") {
    const Invitation invitation = an_invitation();
    const std::string text = format_invitation(invitation);
    CHECK(text.rfind("godwit-invite:", 0) == 0);

    const auto parsed = parse_invitation("\t" + text + "\n");
    REQUIRE(parsed);
    CHECK(parsed->server_url == invitation.server_url);
    CHECK_FALSE(parsed->server_pin.has_value());
    CHECK(parsed->organisation == invitation.organisation);
    CHECK(is_equal(parsed->organisation_key.view(), invitation.organisation_key.view()));
    CHECK(is_equal(parsed->seed.view(), invitation.seed.view()));
    CHECK(parsed->proof == invitation.proof);
}

TEST_CASE("a line of the wrong kind is called what it is", "[seal]") {
    const auto link = parse_founding_link(format_invitation(an_invitation()));
    REQUIRE_FALSE(link);
    CHECK(link.error().code == ErrorCode::malformed);
    CHECK(mentions(link.error(), "it is an invitation"));

    const auto invitation = parse_invitation(format_founding_link(a_link()));
    REQUIRE_FALSE(invitation);
    CHECK(invitation.error().code == ErrorCode::malformed);
    CHECK(mentions(invitation.error(), "it is a founding link"));
}

TEST_CASE("what is no line of Godwit's is refused with what is wrong", "[seal]") {
    const std::string text = format_invitation(an_invitation());
    struct Row {
        std::string text;
        std::string_view words;
    };
    const auto row = GENERATE_COPY(
        Row{"", "empty"}, Row{" \n", "empty"},
        Row{"https://godwit.example", "does not start with godwit-invite:"},
        Row{text.substr(1), "does not start with"}, Row{"godwit-invite:", "nothing stands after"},
        Row{text.substr(0, 40) + "\n" + text.substr(40), "white space"},
        Row{text + "=", "cut short"}, Row{text.substr(0, text.size() - 30) + "!", "cut short"},
        Row{"godwit-invite:" + std::string(70'000, 'A'), "too long"});
    const auto parsed = parse_invitation(row.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::malformed);
    CHECK(mentions(parsed.error(), row.words));
}

TEST_CASE("a line cut anywhere is refused", "[seal]") {
    const std::string link = format_founding_link(a_link());
    for (std::size_t length = 0; length < link.size(); ++length) {
        CHECK_FALSE(parse_founding_link(link.substr(0, length)));
    }
    const std::string invitation = format_invitation(an_invitation());
    for (std::size_t length = 0; length < invitation.size(); ++length) {
        CHECK_FALSE(parse_invitation(invitation.substr(0, length)));
    }
}

TEST_CASE("no refusal repeats the secret", "[seal]") {
    const std::string text = format_invitation(an_invitation());
    for (const std::string& changed : {text.substr(0, text.size() - 3), text + "A",
                                       text.substr(0, 30) + " " + text.substr(30), "x" + text}) {
        const auto parsed = parse_invitation(changed);
        REQUIRE_FALSE(parsed);
        CHECK_FALSE(mentions(parsed.error(), text.substr(60, 20)));
    }
}

TEST_CASE("an invitation from a newer Godwit says so", "[seal]") {
    const Bytes body{0x82, 0x02, 0x00};
    const auto parsed = parse_invitation("godwit-invite:" + format_base64url(body));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::unknown_version);
}

TEST_CASE("a server's address is https and printable", "[seal]") {
    CHECK(is_server_url("https://192.0.2.7:8443"));
    CHECK(is_server_url("https://godwit.example/under/a/path"));
    for (const std::string_view url :
         {"", "https://", "http://godwit.example", "godwit.example", "HTTPS://godwit.example",
          "https://god wit.example", "https://godwit.example\n", "https://gödwit.example"}) {
        CHECK_FALSE(is_server_url(url));
    }

    Bytes body;
    cbor::Encoder(body)
        .array(5)
        .unsigned_integer(1)
        .text("http://godwit.example")
        .null()
        .bytes(Bytes(32))
        .bytes(Bytes(32));
    const auto parsed = parse_founding_link("godwit-found:" + format_base64url(body));
    REQUIRE_FALSE(parsed);
    CHECK(mentions(parsed.error(), "https"));
}

TEST_CASE("an invitation with its proof fits a QR picture and works offline", "[seal]") {
    Organisation world;
    const TeamId team = world.add_team(1);
    const TestInvitation given = world.invite(world.add_member(0xd0, {{team, Role::worker}}));
    auto proof = make_proof(world.statements, given.id);
    REQUIRE(proof);
    Invitation invitation;
    invitation.server_url = "https://192.0.2.7:8443";
    invitation.server_pin = Digest{};
    invitation.organisation = world.id;
    invitation.proof = *proof;
    const std::string text = format_invitation(invitation);
    CHECK(text.size() < 2'331);  // Bytes in a QR picture of the largest size, level M.

    const auto parsed = parse_invitation(text);
    REQUIRE(parsed);
    Roster roster(world.cipher, parsed->organisation);
    REQUIRE(roster.accept_proof(parsed->proof));
    CHECK(roster.invitations().contains(given.id));
}

}  // namespace
}  // namespace godwit
