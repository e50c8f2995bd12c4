#include "field-client/replica/iso_time.h"

#include <array>
#include <cstdio>

namespace godwit {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

struct Day {
    std::int64_t year;
    int month;
    int day;
};

/// Days since 1970 of a day of the proleptic Gregorian calendar. Years begin in March, so that the
/// leap day comes last.
std::int64_t days_from(const Day& date) {
    const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month = (date.month + 9) % 12;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

Day day_from(std::int64_t days) {
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t day_of_era = days - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    Day out{};
    out.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    out.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
    return out;
}

int days_in(const Day& date) {
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    return lengths[static_cast<std::size_t>(date.month - 1)] + (date.month == 2 && is_leap ? 1 : 0);
}

/// Takes digits and marks off the front of a text.
class TimeReader {
public:
    explicit TimeReader(std::string_view text) : left_(text) {}
    bool number(std::size_t digits, int& out) {
        if (left_.size() < digits) return false;
        out = 0;
        for (std::size_t index = 0; index < digits; ++index) {
            const char c = left_[index];
            if (c < '0' || c > '9') return false;
            out = out * 10 + (c - '0');
        }
        left_.remove_prefix(digits);
        return true;
    }
    bool mark(char wanted) {
        if (left_.empty() || left_.front() != wanted) return false;
        left_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool is_done() const { return left_.empty(); }

private:
    std::string_view left_;
};

bool read_seconds(TimeReader& in, int& second, int& thousandths) {
    if (!in.mark(':')) return true;
    if (!in.number(2, second) || second > 59) return false;
    if (!in.mark('.')) return true;
    int digit = 0;
    int place = 100;
    for (; place > 0 && in.number(1, digit); place /= 10) thousandths += digit * place;
    return place < 100;
}

/// The zone's distance from UTC in minutes.
bool read_zone(TimeReader& in, int& minutes) {
    if (in.mark('Z')) return true;
    const bool is_east = in.mark('+');
    if (!is_east && !in.mark('-')) return false;
    int hour = 0;
    int minute = 0;
    if (!in.number(2, hour) || !in.mark(':') || !in.number(2, minute)) return false;
    if (hour > 14 || minute > 59) return false;
    minutes = (is_east ? 1 : -1) * (hour * 60 + minute);
    return true;
}

}  // namespace

std::string format_moment(std::int64_t wall_ms) {
    std::int64_t days = wall_ms / day_ms;
    std::int64_t rest = wall_ms % day_ms;
    if (rest < 0) {
        rest += day_ms;
        --days;
    }
    const Day date = day_from(days);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
                  static_cast<long long>(date.year), date.month, date.day,
                  static_cast<int>(rest / 3'600'000), static_cast<int>(rest / 60'000 % 60),
                  static_cast<int>(rest / 1'000 % 60), static_cast<int>(rest % 1'000));
    return text.data();
}

std::optional<std::int64_t> parse_moment(std::string_view text) {
    TimeReader in(text);
    int year = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int thousandths = 0;
    int zone_minutes = 0;
    Day date{};
    if (!in.number(4, year) || !in.mark('-') || !in.number(2, date.month) || !in.mark('-') ||
        !in.number(2, date.day)) {
        return std::nullopt;
    }
    date.year = year;
    if (year < 1900 || year > 2199 || date.month < 1 || date.month > 12) return std::nullopt;
    if (date.day < 1 || date.day > days_in(date)) return std::nullopt;
    if (!in.mark('T') && !in.mark(' ')) return std::nullopt;
    if (!in.number(2, hour) || hour > 23 || !in.mark(':') || !in.number(2, minute) || minute > 59) {
        return std::nullopt;
    }
    if (!read_seconds(in, second, thousandths) || !read_zone(in, zone_minutes) || !in.is_done()) {
        return std::nullopt;
    }
    const std::int64_t minutes = std::int64_t{hour} * 60 + minute - zone_minutes;
    return days_from(date) * day_ms + minutes * 60'000 + second * 1'000 + thousandths;
}

}  // namespace godwit
