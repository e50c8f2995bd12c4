#include "shared/base/error.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace godwit;

namespace {

struct DeclaredCode {
    std::string name;
    std::uint16_t number;
};

/// The codes as error.h declares them, a line each: the enum is the list, and the table is held
/// to it.
std::vector<DeclaredCode> declared_codes() {
    std::ifstream file("shared/base/error.h");
    std::string line;
    while (std::getline(file, line) && line.find("enum class ErrorCode") == std::string::npos) {
    }
    std::vector<DeclaredCode> codes;
    while (std::getline(file, line) && line != "};") {
        std::istringstream words(line);
        std::string name;
        std::string equals;
        unsigned number = 0;
        if (words >> name >> equals >> number && equals == "=") {
            codes.push_back({name, static_cast<std::uint16_t>(number)});
        }
    }
    return codes;
}

/// The words of a sentence, in lower case and without punctuation.
std::vector<std::string> words_of(std::string_view sentence) {
    std::vector<std::string> words(1);
    for (const char letter : sentence) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalpha(byte) != 0) {
            words.back().push_back(static_cast<char>(std::tolower(byte)));
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    return words;
}

}  // namespace

TEST_CASE("every declared code has a row whose key is its name", "[base]") {
    const auto codes = declared_codes();
    REQUIRE(codes.size() > 60);
    for (const DeclaredCode& declared : codes) {
        INFO(declared.name);
        const ErrorFacts& row = facts(static_cast<ErrorCode>(declared.number));
        CHECK(row.key == declared.name);
        CHECK(static_cast<std::uint16_t>(row.code) == declared.number);
        CHECK(&facts_for_number(declared.number) == &row);
    }
}

TEST_CASE("a number that is no code reads as malformed", "[base]") {
    const auto codes = declared_codes();
    const auto number = GENERATE(0, 7, 19, 148, 999, 65535);
    REQUIRE(std::none_of(codes.begin(), codes.end(),
                         [&](const DeclaredCode& code) { return code.number == number; }));

    CHECK(facts_for_number(static_cast<std::uint16_t>(number)).code == ErrorCode::malformed);
}

TEST_CASE("every row speaks in two plain, kind sentences of its own", "[base]") {
    const std::set<std::string> unkind{"please",  "sorry",  "oops",  "error",  "errors",
                                       "invalid", "failed", "fatal", "illegal"};
    std::set<std::string_view> texts;
    for (const DeclaredCode& declared : declared_codes()) {
        INFO(declared.name);
        const ErrorFacts& row = facts(static_cast<ErrorCode>(declared.number));
        for (const std::string_view sentence : {row.text, row.next}) {
            REQUIRE(sentence.size() > 10);
            CHECK(sentence.size() <= 110);
            CHECK(std::isupper(static_cast<unsigned char>(sentence.front())) != 0);
            CHECK(sentence.back() == '.');
            for (const std::string& word : words_of(sentence)) CHECK(unkind.count(word) == 0);
        }
        CHECK(texts.insert(row.text).second);
    }
}

TEST_CASE("a status tells programs in between what the kind tells replicas", "[base]") {
    for (const DeclaredCode& declared : declared_codes()) {
        INFO(declared.name);
        const ErrorFacts& row = facts(static_cast<ErrorCode>(declared.number));
        CHECK(row.http_status >= 400);
        CHECK(row.http_status <= 507);
        // A refusal repeated is refused again: no proxy or client may be told to try once more.
        const std::set<int> inviting_retry{408, 429, 503};
        if (row.kind == ErrorKind::refused) CHECK(inviting_retry.count(row.http_status) == 0);
        if (row.kind == ErrorKind::unreachable) CHECK(row.http_status == 503);
    }
}

TEST_CASE("every kind has its own name", "[base]") {
    CHECK(name_of(ErrorKind::refused) == "refused");
    CHECK(name_of(ErrorKind::stale) == "stale");
    CHECK(name_of(ErrorKind::busy) == "busy");
    CHECK(name_of(ErrorKind::unreachable) == "unreachable");
    CHECK(name_of(ErrorKind::corrupt) == "corrupt");
}

TEST_CASE("an error knows its kind", "[base]") {
    CHECK(Error{ErrorCode::gap_in_sequence, {}}.kind() == ErrorKind::stale);
    CHECK(Error{ErrorCode::storage_corrupt, {}}.kind() == ErrorKind::corrupt);
}
