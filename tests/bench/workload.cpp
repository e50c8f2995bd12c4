#include "tests/bench/workload.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <set>
#include <sstream>

namespace godwit::bench {
namespace {

using Names = std::vector<std::string>;

Names split(const char* text) {
    std::istringstream in(text);
    Names out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

const Names& plain_words() {
    static const Names words = split(
        "the of and to in a was that he she they for it with as on had at by from not be were is "
        "or his her their worker site shift wages paid late supervisor foreman contract agency "
        "passport kept deducted hours overtime heat water break injured hospital fell roof "
        "scaffold gloves mask dust chemical spray field harvest packing line machine guard "
        "dormitory rent crowded transport bus village border permit visa debt recruiter fee "
        "promised returned afraid witness spoke told said asked visited called complained union "
        "meeting lawyer inspector office report followed week month day night morning children "
        "family school money sent home owner company subcontractor signed document language "
        "translator safe unsafe threatened dismissed replaced sick leave refused allowed warned "
        "photo copy consent anonymous name changed again another before after because without "
        "during until still never always sometimes many few some all none first last");
    return words;
}

/// 2,600 words: the plain ones, then invented ones of two to four syllables.
Names make_vocabulary() {
    const Names syllables = split(
        "ba be bi bo da de di do fa fe ga ge go ka ke ki ko la le li lo ma me mi mo na ne ni no "
        "pa pe po ra re ri ro sa se si so ta te ti to va ve wa we ya yo za");
    Dice dice(77);
    Names out = plain_words();
    while (out.size() < 2600) {
        std::string word;
        for (auto left = 2 + dice.below(3); left > 0; --left) word += dice.pick(syllables);
        out.push_back(word);
    }
    return out;
}

const Names& vocabulary() {
    static const Names words = make_vocabulary();
    return words;
}

/// Running sums of Zipf's weights: the k-th word is met 1 / (k + 3) as often.
const std::vector<double>& weights() {
    static const std::vector<double> sums = [] {
        std::vector<double> out;
        double sum = 0;
        for (std::size_t index = 0; index < vocabulary().size(); ++index) {
            sum += 1.0 / static_cast<double>(index + 3);
            out.push_back(sum);
        }
        return out;
    }();
    return sums;
}

const std::string& word(Dice& dice) {
    const std::vector<double>& sums = weights();
    const double at = dice.fraction() * sums.back();
    const auto found = std::lower_bound(sums.begin(), sums.end() - 1, at);
    return vocabulary()[static_cast<std::size_t>(found - sums.begin())];
}

std::string two_words(Dice& dice) {
    std::string first = word(dice);
    return first + " " + word(dice);
}

/// Sentences until at least `length` characters stand.
std::string prose(Dice& dice, std::int64_t length) {
    std::string out;
    while (static_cast<std::int64_t>(out.size()) < length) {
        const auto count = 6 + dice.below(14);
        std::string sentence;
        for (std::int64_t index = 0; index < count; ++index) {
            if (index > 0) sentence += ' ';
            sentence += word(dice);
        }
        sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
        if (!out.empty()) out += ' ';
        out += sentence + ".";
    }
    return out;
}

std::string hex(Dice& dice, std::size_t digits) {
    std::string out;
    while (out.size() < digits) {
        std::array<char, 9> part{};
        std::snprintf(part.data(), part.size(), "%08x", dice.bits());
        out += part.data();
    }
    return out.substr(0, digits);
}

constexpr std::int64_t begin_ms = 1'767'225'600'000;  // 2026-01-01T00:00Z
constexpr std::int64_t day_ms = 86'400'000;

std::tm calendar(std::int64_t ms) {
    const std::time_t seconds = ms / 1000;
    std::tm out{};
    gmtime_r(&seconds, &out);
    return out;
}

std::string date_text(std::int64_t ms) {
    const std::tm at = calendar(ms);
    std::array<char, 32> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%d", &at);
    return out.data();
}

std::string moment_text(std::int64_t ms) {
    const std::tm at = calendar(ms);
    std::array<char, 32> second{};
    std::strftime(second.data(), second.size(), "%Y-%m-%dT%H:%M:%S", &at);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(ms % 1000));
    return std::string(second.data()) + fraction.data();
}

std::string degrees_text(double degrees) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.6f", degrees);
    return out.data();
}

/// Up to `count` different ones of `list`, between commas.
std::string several(Dice& dice, const Names& list, std::int64_t count) {
    Names chosen;
    for (; count > 0; --count) {
        const std::string& one = dice.pick(list);
        if (std::find(chosen.begin(), chosen.end(), one) == chosen.end()) chosen.push_back(one);
    }
    std::string out;
    for (const std::string& one : chosen) out += (out.empty() ? "" : ",") + one;
    return out;
}

const Names sectors{"construction", "agriculture", "garment",   "domestic",
                    "fishery",      "recycling",   "logistics", "brick kiln"};
const Names states{"new", "open", "referred", "waiting", "followed up", "closed"};
const Names languages{"ne", "hi", "bn", "my", "km", "tl", "ur", "sw", "am", "es"};
const Names hazards{"heat",      "heights",    "dust",        "noise",    "chemicals",
                    "machinery", "night work", "confinement", "no water", "no exits"};
const Names ages{"<18", "18-24", "25-34", "35-49", "50+"};
const Names consents{"full", "anonymous", "internal only"};

const Names& tag_words() {
    static const Names words(vocabulary().begin() + 30, vocabulary().begin() + 130);
    return words;
}

std::int64_t narrative_length(Dice& dice) {
    return 500 + static_cast<std::int64_t>(std::floor(std::pow(dice.fraction(), 1.6) * 1900));
}

/// A number from `from` on, below `from + count`.
std::string number(Dice& dice, std::int64_t from, std::int64_t count) {
    return std::to_string(from + dice.below(static_cast<double>(count)));
}

std::string phone(Dice& dice) {
    return "+9" + number(dice, 100'000'000, 899'999'999);
}

std::string action(Dice& dice) {
    const auto length = 80 + dice.below(300);
    return prose(dice, length);
}

std::string several_hazards(Dice& dice) {
    const auto count = 1 + dice.below(4);
    return several(dice, hazards, count);
}

std::string tags(Dice& dice) {
    const auto count = 1 + dice.below(5);
    return several(dice, tag_words(), count);
}

/// All 25 fields. One statement a field: each rolls the dice where the one before it left off.
Values record_values(Dice& dice, int replica, std::int64_t at_ms) {
    const auto length = narrative_length(dice);
    Values out;
    const auto put = [&](const char* name, std::string value) {
        out.emplace_back(name, std::move(value));
    };
    put("kind", dice.fraction() < 0.6 ? "visit" : "testimony");
    put("author", "u" + hex(dice, 8));
    std::array<char, 16> device{};
    std::snprintf(device.data(), device.size(), "d%03d", replica);
    put("device", device.data());
    put("made_at", moment_text(at_ms));
    put("site", prose(dice, 14));
    put("district", two_words(dice));
    put("lat", degrees_text(8 + dice.fraction() * 20));
    put("lon", degrees_text(70 + dice.fraction() * 30));
    put("sector", dice.pick(sectors));
    put("employer", two_words(dice) + " Ltd");
    put("language", dice.pick(languages));
    put("worker_name", two_words(dice));
    put("worker_phone", phone(dice));
    put("age_band", dice.pick(ages));
    put("consent", dice.pick(consents));
    put("status", dice.pick(states));
    put("priority", number(dice, 1, 5));
    put("wage", number(dice, 200, 2000));
    put("hours", number(dice, 36, 60));
    put("headcount", number(dice, 1, 400));
    put("hazards", several_hazards(dice));
    put("followup_on", date_text(begin_ms + dice.below(365) * day_ms));
    put("tags", tags(dice));
    put("action", action(dice));
    put("narrative", prose(dice, length));
    return out;
}

/// A new value for `field`.
std::string edited_value(Dice& dice, const std::string& field) {
    if (field == "status") return dice.pick(states);
    if (field == "priority") return number(dice, 1, 5);
    if (field == "followup_on") return date_text(begin_ms + dice.below(720) * day_ms);
    if (field == "tags") return tags(dice);
    if (field == "hazards") return several_hazards(dice);
    if (field == "wage") return number(dice, 200, 2000);
    if (field == "hours") return number(dice, 36, 60);
    if (field == "headcount") return number(dice, 1, 400);
    if (field == "worker_phone") return phone(dice);
    if (field == "consent") return dice.pick(consents);
    if (field == "action") return action(dice);
    if (field == "narrative") {
        const auto length = narrative_length(dice);
        return prose(dice, length);
    }
    return prose(dice, 14);
}

/// One to three fields; a field stands here as often as it is edited.
Values edit_values(Dice& dice) {
    static const Names weighted = split(
        "status status status status priority priority followup_on followup_on tags tags "
        "hazards wage hours headcount worker_phone site employer consent action action "
        "narrative narrative");
    const double roll = dice.fraction();
    const std::size_t count = roll < 0.6 ? 1 : roll < 0.85 ? 2 : 3;
    Values out;
    while (out.size() < count) {
        const std::string& field = dice.pick(weighted);
        std::string value = edited_value(dice, field);
        const auto found = std::find_if(out.begin(), out.end(),
                                        [&](const auto& each) { return each.first == field; });
        if (found == out.end()) {
            out.emplace_back(field, std::move(value));
        } else {
            found->second = std::move(value);
        }
    }
    return out;
}

// --- merge -----------------------------------------------------------------------------------

constexpr int merge_records = 1000;
constexpr int merge_replicas = 8;
constexpr int merge_edits = 500;   // Of each replica.
constexpr int merge_removals = 5;  // Of each replica.

struct Edit {
    std::string record;
    std::string field;
    std::string value;
};

class MergeMaker {
public:
    explicit MergeMaker(std::int32_t seed) : dice_(seed * 1000 + 5), edits_(merge_replicas) {
        base_ = make_core({merge_records, 0, seed + 500});
        const auto cut = base_.records.begin() + merge_replicas * merge_removals;
        out_.replicas = merge_replicas;
        out_.removed.assign(base_.records.begin(), cut);
        live_.assign(cut, base_.records.end());
    }

    Merge make() {
        while (collide()) {
        }
        for (int replica = 0; replica < merge_replicas; ++replica) edit_alone(replica);
        const std::int64_t begin = base_.end_ms + 60'000;
        for (int replica = 0; replica < merge_replicas; ++replica) schedule(replica, begin);
        remove(begin + 40'000'000);
        out_.base = std::move(base_.steps);
        return std::move(out_);
    }

private:
    /// A field of a live record that nobody was given yet.
    std::pair<std::string, std::string> fresh_cell() {
        static const Names editable = split(
            "site district employer worker_name worker_phone age_band consent status "
            "priority wage hours headcount hazards followup_on tags action narrative");
        while (true) {
            const std::string& record = dice_.pick(live_);
            const std::string& field = dice_.pick(editable);
            if (used_.insert(record + "/" + field).second) return {record, field};
        }
    }

    std::string unique_value(int replica, const std::string& field) {
        const int length = field == "narrative" ? 600 : field == "action" ? 120 : 12;
        const std::string mark = std::to_string(replica) + "." + std::to_string(count_++) + ".";
        return mark + prose(dice_, length);
    }

    /// Two to four of those with most collisions left write to one field. False: nobody is left.
    bool collide() {
        std::vector<int> open;
        for (int replica = 0; replica < merge_replicas; ++replica) {
            if (left_[static_cast<std::size_t>(replica)] > 0) open.push_back(replica);
        }
        if (open.size() < 2) return false;
        std::stable_sort(open.begin(), open.end(), [&](int one, int other) {
            return left_[static_cast<std::size_t>(one)] > left_[static_cast<std::size_t>(other)];
        });
        const bool are_two = dice_.fraction() < 0.6;
        const std::size_t wanted = are_two ? 2 : dice_.fraction() < 0.65 ? 3 : 4;
        open.resize(std::min(open.size(), wanted));
        const auto [record, field] = fresh_cell();
        Collision collision{record, field, {}};
        for (const int replica : open) {
            --left_[static_cast<std::size_t>(replica)];
            collision.values.push_back(unique_value(replica, field));
            edits_[static_cast<std::size_t>(replica)].push_back(
                {record, field, collision.values.back()});
        }
        out_.collisions.push_back(std::move(collision));
        return true;
    }

    void edit_alone(int replica) {
        auto& edits = edits_[static_cast<std::size_t>(replica)];
        while (edits.size() < merge_edits) {
            const auto [record, field] = fresh_cell();
            const std::string value = unique_value(replica, field);
            out_.alone.push_back({record, field, {value}});
            edits.push_back({record, field, value});
        }
    }

    void schedule(int replica, std::int64_t from_ms) {
        auto& edits = edits_[static_cast<std::size_t>(replica)];
        for (std::size_t index = edits.size() - 1; index > 0; --index) {
            const auto other = dice_.below(static_cast<double>(index + 1));
            std::swap(edits[index], edits[static_cast<std::size_t>(other)]);
        }
        std::int64_t at_ms = from_ms + replica * 7;
        for (const Edit& edit : edits) {
            at_ms += 1000 + dice_.below(60'000);
            out_.steps.push_back(
                {replica, 1, Act::edit, edit.record, at_ms, {{edit.field, edit.value}}});
        }
    }

    /// Every other record that is removed gets one more edit, by somebody else, unseen.
    void remove(std::int64_t from_ms) {
        for (std::size_t index = 0; index < out_.removed.size(); ++index) {
            const std::string& record = out_.removed[index];
            const int replica = static_cast<int>(index % merge_replicas);
            const std::int64_t at_ms = from_ms + static_cast<std::int64_t>(index) * 1000;
            if (index % 2 == 1) {
                const std::string value = "del." + std::to_string(index) + "." + prose(dice_, 12);
                out_.removed_but_edited.push_back({record, "tags", {value}});
                const int other = (replica + 3) % merge_replicas;
                out_.steps.push_back({other, 1, Act::edit, record, at_ms + 500, {{"tags", value}}});
            }
            out_.steps.push_back({replica, 1, Act::remove, record, at_ms, {}});
        }
    }

    Dice dice_;
    Core base_;
    Merge out_;
    std::vector<std::string> live_;
    std::set<std::string> used_;
    std::vector<std::vector<Edit>> edits_;
    std::array<int, merge_replicas> left_ = [] {
        std::array<int, merge_replicas> out{};
        out.fill(merge_edits / 2);
        return out;
    }();
    int count_{};
};

// --- lines -----------------------------------------------------------------------------------

/// No text of a workload holds anything that JSON would escape.
std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

template <typename List, typename Write>
std::string listed(const List& list, const Write& write) {
    std::string out;
    for (const auto& one : list) out += (out.empty() ? "" : ",") + write(one);
    return "[" + out + "]";
}

std::string line_of(const Step& step) {
    static constexpr std::array<const char*, 3> names{"create", "edit", "delete"};
    std::string out = "{\"dev\":" + std::to_string(step.replica) +
                      ",\"phase\":" + std::to_string(step.phase) + ",\"op\":\"" +
                      names[static_cast<std::size_t>(step.act)] +
                      "\",\"id\":" + quoted(step.record) + ",\"at\":" + std::to_string(step.at_ms);
    if (step.act != Act::remove) {
        std::string set;
        for (const auto& [field, value] : step.values) {
            set += (set.empty() ? "" : ",") + quoted(field) + ":" + quoted(value);
        }
        out += ",\"set\":{" + set + "}";
    }
    return out + "}\n";
}

std::string with_values(const Collision& cell) {
    return "{\"id\":" + quoted(cell.record) + ",\"f\":" + quoted(cell.field) +
           ",\"values\":" + listed(cell.values, quoted) + "}";
}

std::string with_value(const Collision& cell) {
    return "{\"id\":" + quoted(cell.record) + ",\"f\":" + quoted(cell.field) +
           ",\"v\":" + quoted(cell.values.front()) + "}";
}

std::string fields_member() {
    return "\"fields\":" + listed(field_names(), quoted);
}

}  // namespace

Dice::Dice(std::int32_t seed)
    : a_(0x9e3779b9U ^ static_cast<std::uint32_t>(seed)),
      b_(0x243f6a88U),
      c_(0xb7e15162U),
      d_(1U + static_cast<std::uint32_t>(seed)) {
    for (int warm = 0; warm < 20; ++warm) bits();
}

std::uint32_t Dice::bits() {
    const std::uint32_t out = a_ + b_ + d_;
    ++d_;
    a_ = b_ ^ (b_ >> 9U);
    b_ = c_ + (c_ << 3U);
    c_ = ((c_ << 21U) | (c_ >> 11U)) + out;
    return out;
}

double Dice::fraction() {
    return bits() / 4294967296.0;
}

std::int64_t Dice::below(double end) {
    return static_cast<std::int64_t>(std::floor(fraction() * end));
}

const std::vector<std::string>& field_names() {
    static const Names names = split(
        "kind author device made_at site district lat lon sector employer language "
        "worker_name worker_phone age_band consent status priority wage hours headcount "
        "hazards followup_on tags action narrative");
    return names;
}

Core make_core(const CoreOptions& options) {
    Dice dice(options.seed * 1000 + 1);
    Core out;
    std::int64_t at_ms = begin_ms;
    std::int64_t done = 0;
    for (std::int64_t index = 0; index < options.records; ++index) {
        at_ms += 1000 + dice.below(60'000);
        const std::string record = hex(dice, 24);
        out.records.push_back(record);
        out.steps.push_back({0, 0, Act::create, record, at_ms, record_values(dice, 0, at_ms)});
        const std::int64_t until = options.edits * (index + 1) / options.records;
        for (; done < until; ++done) {
            at_ms += 500 + dice.below(20'000);
            const bool is_late = dice.fraction() < 0.5;
            const auto last = static_cast<std::int64_t>(out.records.size()) - 1;
            const std::string& edited = is_late
                                            ? out.records[static_cast<std::size_t>(
                                                  std::max<std::int64_t>(0, last - dice.below(50)))]
                                            : dice.pick(out.records);
            out.steps.push_back({0, 0, Act::edit, edited, at_ms, edit_values(dice)});
        }
    }
    out.end_ms = at_ms;
    return out;
}

std::vector<Step> make_small_edits(const Core& core, int count, std::int32_t seed) {
    Dice dice(seed * 1000 + 3);
    std::vector<Step> out;
    for (int index = 0; index < count; ++index) {
        const std::string& record = dice.pick(core.records);
        out.push_back({0,
                       1,
                       Act::edit,
                       record,
                       core.end_ms + 1000 * (index + 1),
                       {{"status", "tiny-" + std::to_string(index)}}});
    }
    return out;
}

Merge make_merge(std::int32_t seed) {
    return MergeMaker(seed).make();
}

Core make_history(std::int64_t edits, std::int32_t seed) {
    return make_core({1, edits, seed + 900});
}

void print_core(const CoreOptions& options, const Line& line) {
    line("{\"workload\":\"core\",\"seed\":" + std::to_string(options.seed) +
         ",\"n\":" + std::to_string(options.records) + "," + fields_member() + "}\n");
    const Core core = make_core(options);
    for (const Step& step : core.steps) line(line_of(step));
    for (const Step& step : make_small_edits(core, 10, options.seed)) line(line_of(step));
}

void print_merge(std::int32_t seed, const Line& line) {
    const Merge merge = make_merge(seed);
    line("{\"workload\":\"merge\",\"seed\":" + std::to_string(seed) + ",\"devices\":" +
         std::to_string(merge.replicas) + ",\"groups\":" + listed(merge.collisions, with_values) +
         ",\"solo\":" + listed(merge.alone, with_value) +
         ",\"deleted\":" + listed(merge.removed, quoted) + ",\"deletedButEdited\":" +
         listed(merge.removed_but_edited, with_value) + "," + fields_member() + "}\n");
    for (const Step& step : merge.base) line(line_of(step));
    for (const Step& step : merge.steps) line(line_of(step));
}

void print_history(std::int64_t edits, std::int32_t seed, const Line& line) {
    line("{\"workload\":\"history\",\"seed\":" + std::to_string(seed) + "," + fields_member() +
         "}\n");
    for (const Step& step : make_history(edits, seed).steps) line(line_of(step));
}

}  // namespace godwit::bench
