// The description of the replica's face that programs in other languages are made from
// (shared/spec/replica-call.openrpc.json), held to the face itself. What its results look like is
// held to real ones by every scenario (tests/scenario/described.py).

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/unit/replica/people.h"

namespace godwit {
namespace {

Json description() {
    std::ifstream file("shared/spec/replica-call.openrpc.json");
    std::stringstream text;
    text << file.rdbuf();
    return Json::parse(text.str());
}

/// Parameters that the description allows, about a record that is there.
class Samples {
public:
    Samples(const Json& all, const std::string& record)
        : all_(all),
          known_{{"type", "visit"}, {"record", record}, {"recovery", std::string(43, 'A')}} {}

    Json of(const Json& method) const {
        Json parameters = Json::object();
        for (const Json& each : method["params"]) {
            const std::string name = each["name"];
            parameters[name] = known_.contains(name) ? known_[name] : value(each["schema"]);
        }
        return parameters;
    }

private:
    Json value(const Json& schema) const {
        if (schema.contains("$ref")) {
            const std::string path = schema["$ref"].get<std::string>().substr(1);
            return value(all_.at(Json::json_pointer(path)));
        }
        if (schema.contains("anyOf")) return value(schema["anyOf"][0]);
        if (schema.contains("enum")) return schema["enum"][0];
        const std::string pattern = schema.value("pattern", "");
        const std::string id(32, '0');
        if (!pattern.empty()) return pattern.find(':') == std::string::npos ? id : id + ":1";
        const std::string type = schema.value("type", "string");
        if (type == "integer") return 1;
        if (type == "boolean") return false;
        if (type == "array") return Json::array();
        if (type == "object") return Json::object();
        return "text";
    }

    const Json& all_;
    Json known_;
};

Error refusal(Team& team, const Json& method, const Json& parameters) {
    CAPTURE(method["name"], format_json(parameters));
    const auto answer =
        team.bela.replica().call(method["name"].get<std::string>(), format_json(parameters));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::wrong_parameters);
    return answer.error();
}

}  // namespace

TEST_CASE("every method is described, and nothing else is", "[replica]") {
    std::vector<std::string> described;
    const Json all = description();
    for (const Json& method : all["methods"]) described.push_back(method["name"]);
    std::sort(described.begin(), described.end());
    const auto methods = Replica::methods();
    CHECK(described == std::vector<std::string>(methods.begin(), methods.end()));
}

TEST_CASE("a method takes the parameters that are described, and no other", "[replica]") {
    Team team;
    const Json all = description();
    const Samples samples(all, team.bela.capture("visit", Json::object(), true));
    for (const Json& method : all["methods"]) {
        Json parameters = samples.of(method);
        parameters["zzz"] = 1;  // The last of those that are looked at.
        CAPTURE(method["name"]);
        CHECK_THAT(refusal(team, method, parameters).detail, Catch::Contains("zzz"));
    }
}

TEST_CASE("a method asks for what is described as required", "[replica]") {
    Team team;
    const Json all = description();
    const Samples samples(all, team.bela.capture("visit", Json::object(), true));
    for (const Json& method : all["methods"]) {
        for (const Json& parameter : method["params"]) {
            if (parameter["required"] == false) continue;
            const std::string name = parameter["name"];
            Json parameters = samples.of(method);
            parameters.erase(name);
            CAPTURE(method["name"], name);
            CHECK_THAT(refusal(team, method, parameters).detail, Catch::Contains(name));
        }
    }
}

}  // namespace godwit
