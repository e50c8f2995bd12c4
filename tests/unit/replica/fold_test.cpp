#include "field-client/replica/fold.h"
#include "tests/support/catch.h"

namespace godwit {

TEST_CASE("texts that people take for the same fold to the same", "[replica]") {
    struct Pair {
        const char* written;
        const char* typed;
    };
    const Pair pair = GENERATE(
        Pair{"RENÉ Muñoz", "rene munoz"}, Pair{"Straße", "STRASSE"}, Pair{"Čapek", "capek"},
        Pair{"عُمَر", "عمر"}, Pair{"أحمد", "احمد"}, Pair{"كمال", "کمال"}, Pair{"علي", "علی"},
        Pair{"मोहन ", " मोहन"}, Pair{"१२३", "123"}, Pair{"٤٥٦", "456"}, Pair{"১৯", "19"},
        Pair{"၂၀", "20"}, Pair{"Ａｂｃ", "abc"}, Pair{"two\n\t words", "two words"},
        Pair{"e\u0301cole", "\u00e9cole"}, Pair{"na\u200dme", "name"}, Pair{"ΆΛΦΑ", "αλφα"});
    CAPTURE(pair.written, pair.typed);
    CHECK(fold(pair.written) == fold(pair.typed));
    CHECK_FALSE(fold(pair.written).empty());
}

TEST_CASE("texts that are different words stay apart", "[replica]") {
    struct Pair {
        const char* one;
        const char* other;
    };
    const Pair pair =
        GENERATE(Pair{"কলা", "কালা"}, Pair{"मन", "मान"}, Pair{"கல்", "கால்"}, Pair{"ကား", "ကာ"},
                 Pair{"ab", "a b"}, Pair{"12", "21"}, Pair{"ሰላም", "ሰለም"});
    CAPTURE(pair.one, pair.other);
    CHECK(fold(pair.one) != fold(pair.other));
}

TEST_CASE("bytes that are no text fold to nothing", "[replica]") {
    CHECK(fold("\xff\xfe").empty());
    CHECK(fold("").empty());
    CHECK(fold(" \n ").empty());
}

}  // namespace godwit
