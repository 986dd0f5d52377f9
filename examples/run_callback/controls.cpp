// SPDX-License-Identifier: MIT
// Keys and lines that turn a callback's numbers.
#include "controls.hpp"

#include <sstream>
#include <string_view>

#include "failure.hpp"

namespace run_callback {

namespace {

/// Takes the first key away: a character, or what a terminal sends for an arrow.
std::string_view next_key(std::string_view& keys) {
    const bool is_sequence =
        keys.size() >= 3 && keys[0] == '\033' && (keys[1] == '[' || keys[1] == 'O');
    const std::string_view key = keys.substr(0, is_sequence ? 3 : 1);
    keys.remove_prefix(key.size());
    return key;
}

}  // namespace

void Controls::select(std::size_t place) {
    if (place < parameters_->count()) selected_ = place;
}

bool Controls::do_keys(std::string_view keys) {
    while (!keys.empty()) {
        const std::string_view key = next_key(keys);
        const char last = key.back();
        const bool is_arrow = key.size() == 3;
        if (is_arrow ? last == 'A' : last == 'k') {
            if (selected_ > 0) --selected_;
        } else if (is_arrow ? last == 'B' : last == 'j') {
            select(selected_ + 1);
        } else if (is_arrow ? last == 'C' : last == '+' || last == '=') {
            parameters_->step(selected_, true);
        } else if (is_arrow ? last == 'D' : last == '-') {
            parameters_->step(selected_, false);
        } else if (!is_arrow && last >= '1' && last <= '9') {
            select(static_cast<std::size_t>(last - '1'));
        } else if (key == "r") {
            parameters_->reset();
        } else if (key == "q") {
            return false;
        }
    }
    return true;
}

bool Controls::do_line(const std::string& line, std::vector<News>& news) {
    if (line.find_first_not_of(" \t\r") == line.npos) return true;
    if (line == "q" || line == "quit") return false;
    if (line == "r" || line == "reset") {
        parameters_->reset();
        return true;
    }
    try {
        parameters_->set(setting_of(line));
    } catch (const Failure& failure) {
        const bool is_setting = line.find('=') != line.npos;
        news.push_back(
            {failure.what() + std::string{is_setting ? "" : ", reset or quit"}, {}, true});
    }
    return true;
}

bool Controls::attend(std::vector<News>& news) {
    // Another version of the callback may have fewer.
    const std::size_t numbers = parameters_->count();
    if (selected_ >= numbers) selected_ = numbers == 0 ? 0 : numbers - 1;
    const std::string typed = keyboard_.take();
    if (typed.empty()) return true;
    if (keyboard_.has_keys()) return do_keys(typed);
    std::istringstream lines{typed};
    for (std::string line; std::getline(lines, line);) {
        if (!do_line(line, news)) return false;
    }
    return true;
}

}  // namespace run_callback
