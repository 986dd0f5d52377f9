// SPDX-License-Identifier: MIT
// The numbers that somebody has set, whichever version of the callback is heard.
#include "parameters.hpp"

#include <cstdint>
#include <utility>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

std::string trimmed(std::string text) {
    const char* const blanks = " \t\r\n";
    text.erase(0, text.find_first_not_of(blanks));
    text.erase(text.find_last_not_of(blanks) + 1);
    return text;
}

/// The place of the number of that name.
std::size_t place_of(const std::vector<Number>& numbers, const std::string& name) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i].name == name) return i;
    }
    if (numbers.empty()) {
        throw Failure("\"" + name +
                      "\": the callback tells of no number that could be set (C and C++ do with "
                      "PORTSPAN_DESCRIBE_STATE, Python with state=)");
    }
    throw Failure("\"" + name + "\": there is no such number, " + there_are(names_of(numbers)));
}

}  // namespace

Setting setting_of(const std::string& text) {
    const std::size_t equals = text.find('=');
    Setting setting{trimmed(text.substr(0, equals)),
                    equals == text.npos ? "" : trimmed(text.substr(equals + 1))};
    if (setting.name.empty() || setting.value.empty()) {
        throw Failure("\"" + text + "\": NAME=VALUE is wanted");
    }
    return setting;
}

std::vector<Setting> settings_of(const Options& options) {
    std::vector<Setting> settings;
    for (const std::string& text : options.settings) {
        try {
            settings.push_back(setting_of(text));
        } catch (const Failure& failure) {
            throw Usage(std::string{"--set "} + failure.what());
        }
    }
    return settings;
}

std::shared_ptr<Parameters> parameters_for(const Options& options, const LoadedCallback& callback) {
    if (!options.has_controls() && State{callback}.size() == 0) return nullptr;
    return std::make_shared<Parameters>(settings_of(options), callback);
}

Parameters::Parameters(std::vector<Setting> settings, const LoadedCallback& callback) {
    const std::vector<Number> numbers = State{callback}.numbers();
    for (Setting& setting : settings) {
        try {
            const std::size_t place = place_of(numbers, setting.name);
            static_cast<void>(numbers[place].bits_of(setting.value));
        } catch (const Failure& failure) {
            throw Usage("--set: " + callback.symbol + ": " + failure.what());
        }
        values_[setting.name] = std::move(setting.value);
    }
}

std::shared_ptr<Voice> Parameters::new_voice(const LoadedCallback& callback,
                                             const portspan::RawCallback& raw, bool goes_on,
                                             Silence silence) {
    const auto voice = std::make_shared<Voice>(raw, State{callback}, goes_on, silence);
    const std::lock_guard lock{mutex_};
    missing_.clear();
    for (const auto& [name, value] : values_) {
        try {
            const std::size_t place = place_of(voice->numbers(), name);
            voice->set(place, voice->numbers()[place].bits_of(value));
        } catch (const Failure&) {  // another type takes other values
            missing_ += (missing_.empty() ? "" : ", ") + name;
        }
    }
    before_ = std::exchange(voice_, voice);
    return voice;
}

void Parameters::take_back() {
    const std::lock_guard lock{mutex_};
    if (!before_) return;
    voice_ = std::exchange(before_, nullptr);
    missing_.clear();
    const std::vector<Number>& numbers = voice_->numbers();
    // Somebody may have set one meanwhile.
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto value = values_.find(numbers[i].name);
        if (value == values_.end()) continue;
        try {
            voice_->set(i, numbers[i].bits_of(value->second));
        } catch (const Failure&) {  // it is what the other one takes
        }
    }
}

void Parameters::keep() {
    std::shared_ptr<Voice> before;  // its library's end is not to be waited for with the lock
    const std::lock_guard lock{mutex_};
    before = std::exchange(before_, nullptr);
}

std::string Parameters::missing() const {
    const std::lock_guard lock{mutex_};
    return missing_;
}

std::shared_ptr<Voice> Parameters::voice() const {
    const std::lock_guard lock{mutex_};
    return voice_;
}

void Parameters::set_locked(const Number& number, std::size_t place, std::uint64_t bits) {
    values_[number.name] = number.text_of(bits);
    voice_->set(place, bits);
}

void Parameters::set(const Setting& setting) {
    const std::lock_guard lock{mutex_};
    const std::vector<Number>& numbers = voice_->numbers();
    const std::size_t place = place_of(numbers, setting.name);
    set_locked(numbers[place], place, numbers[place].bits_of(setting.value));
}

void Parameters::step(std::size_t place, bool up) {
    const std::lock_guard lock{mutex_};
    if (place >= voice_->numbers().size()) return;
    const Number& number = voice_->numbers()[place];
    set_locked(number, place, number.stepped(voice_->now(place), up));
}

void Parameters::reset() {
    const std::lock_guard lock{mutex_};
    const std::vector<Number>& numbers = voice_->numbers();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (values_.contains(numbers[i].name)) voice_->set(i, voice_->initial(i));
    }
    values_.clear();
}

std::size_t Parameters::count() const {
    const std::lock_guard lock{mutex_};
    return voice_->numbers().size();
}

std::vector<Parameters::Shown> Parameters::shown() const {
    const std::lock_guard lock{mutex_};
    std::vector<Shown> all;
    const std::vector<Number>& numbers = voice_->numbers();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        all.push_back({numbers[i].name, numbers[i].text_of(voice_->now(i)),
                       values_.contains(numbers[i].name)});
    }
    return all;
}

}  // namespace run_callback
