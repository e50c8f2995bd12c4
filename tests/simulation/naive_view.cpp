#include "tests/simulation/naive_view.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace godwit::simulation {
namespace {

bool is_greater(const NaiveSibling& left, const NaiveSibling& right) {
    return std::tie(right.effective, right.dot) < std::tie(left.effective, left.dot);
}

std::set<std::string> set_of(const NaiveSibling& sibling) {
    return {sibling.values.begin(), sibling.values.end()};
}

std::vector<std::string> distinct(const std::vector<NaiveSibling>& siblings) {
    std::vector<std::string> out;
    for (const NaiveSibling& sibling : siblings) {
        for (const std::string& value : sibling.values) {
            if (std::find(out.begin(), out.end(), value) == out.end()) out.push_back(value);
        }
    }
    return out;
}

bool all_say_the_same(const std::vector<NaiveSibling>& siblings) {
    return std::all_of(siblings.begin(), siblings.end(), [&](const NaiveSibling& each) {
        return set_of(each) == set_of(siblings.front());
    });
}

/// How safe a value is by the declared order; what it does not name is safest.
std::size_t safety(const FieldSpec& field, const std::string& value) {
    for (std::size_t index = 0; index < field.order.size(); ++index) {
        const std::string code(field.order[index]);
        if (value == code || value == "\"" + code + "\"") return index;
    }
    return field.order.size();
}

std::string safest(const FieldSpec& field, const std::vector<std::string>& values) {
    const std::string_view end = field.order.size() == 1 ? field.order.front() : "";
    return *std::max_element(
        values.begin(), values.end(), [&](const auto& left, const auto& right) {
            if (end == "earlier") {
                // What is left out of a date is its first.
                const auto whole = [](std::string date) {
                    date = date.substr(1, date.size() - 2);
                    return date + std::string("0000-01-01").substr(date.size());
                };
                return whole(right) < whole(left);
            }
            return safety(field, left) < safety(field, right);
        });
}

}  // namespace

NaiveView naive_view(const FieldSpec& field, std::vector<NaiveSibling> siblings) {
    NaiveView out;
    if (siblings.empty()) return out;
    std::sort(siblings.begin(), siblings.end(), is_greater);
    switch (field.rule) {
        case Rule::latest:
            out.values = distinct({siblings.front()});
            break;
        case Rule::keep_both:
        case Rule::write_once:
            out.values = distinct(siblings);
            out.needs_review = !all_say_the_same(siblings);
            break;
        case Rule::union_:
            out.values = distinct(siblings);
            break;
        case Rule::sum: {
            std::int64_t total = 0;
            for (const NaiveSibling& each : siblings) total += std::stoll(each.values.front());
            out.values = {std::to_string(total)};
            break;
        }
        case Rule::append:
            std::reverse(siblings.begin(), siblings.end());
            for (const NaiveSibling& each : siblings) {
                out.values.insert(out.values.end(), each.values.begin(), each.values.end());
            }
            break;
        case Rule::most_restrictive:
            out.values = {safest(field, distinct(siblings))};
            break;
        case Rule::supervisor_first: {
            std::vector<NaiveSibling> supervisors;
            std::copy_if(siblings.begin(), siblings.end(), std::back_inserter(supervisors),
                         [](const NaiveSibling& each) { return each.role != Role::worker; });
            out.values = distinct({supervisors.empty() ? siblings.front() : supervisors.front()});
            const bool are_of_both = !supervisors.empty() && supervisors.size() < siblings.size();
            out.needs_review = (are_of_both && !all_say_the_same(siblings)) ||
                               (!supervisors.empty() && !all_say_the_same(supervisors));
            break;
        }
        case Rule::state_machine:
            break;
    }
    return out;
}

}  // namespace godwit::simulation
