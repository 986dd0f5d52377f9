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

const Field& require(const StateFields* fields, const std::string& name) {
    const Field* const field = fields ? fields->find(name) : nullptr;
    if (field) return *field;
    if (!fields || fields->fields.empty()) {
        throw Failure("\"" + name + "\": the callback tells of no number that could be set");
    }
    throw Failure("\"" + name + "\": there is no such number, there are " + fields->names());
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

void set_in(State& state, const std::vector<Setting>& settings, const std::string& callback) {
    for (const Setting& setting : settings) {
        try {
            const Field& field = require(state.fields(), setting.name);
            field.store(state.bytes(), field.bits_of(setting.value));
        } catch (const Failure& failure) {
            throw Failure(callback + ": " + failure.what());
        }
    }
}

Parameters::Parameters(std::vector<Setting> settings, const portspan::RawCallback& callback) {
    State state{callback};
    try {
        set_in(state, settings, callback.name);
    } catch (const Failure& failure) {
        throw Usage(std::string{"--set: "} + failure.what());
    }
    for (Setting& setting : settings) values_[setting.name] = std::move(setting.value);
}

std::shared_ptr<Voice> Parameters::new_voice(const portspan::RawCallback& callback, bool goes_on,
                                             Silence silence) {
    State state{callback};
    const std::lock_guard lock{mutex_};
    std::vector<std::pair<std::size_t, std::uint64_t>> set;
    missing_.clear();
    for (const auto& [name, value] : values_) {
        const Field* const field = state.fields() ? state.fields()->find(name) : nullptr;
        try {
            if (!field) throw Failure(name);
            const auto place = static_cast<std::size_t>(field - state.fields()->fields.data());
            set.emplace_back(place, field->bits_of(value));
        } catch (const Failure&) {  // another type takes other values
            missing_ += (missing_.empty() ? "" : ", ") + name;
        }
    }
    auto voice = std::make_shared<Voice>(callback, std::move(state), goes_on, silence);
    for (const auto& [place, bits] : set) voice->set(place, bits);
    before_ = std::exchange(voice_, voice);
    return voice;
}

void Parameters::take_back() {
    const std::lock_guard lock{mutex_};
    if (!before_) return;
    voice_ = std::exchange(before_, nullptr);
    missing_.clear();
    if (!voice_->fields()) return;
    const std::vector<Field>& fields = voice_->fields()->fields;
    // Somebody may have set one meanwhile.
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto value = values_.find(fields[i].name);
        if (value == values_.end()) continue;
        try {
            voice_->set(i, fields[i].bits_of(value->second));
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

void Parameters::set_locked(const Field& field, std::size_t place, std::uint64_t bits) {
    values_[field.name] = field.exact_text_of(bits);
    voice_->set(place, bits);
}

void Parameters::set(const Setting& setting) {
    const std::lock_guard lock{mutex_};
    const StateFields* const fields = voice_ ? voice_->fields() : nullptr;
    const Field& field = require(fields, setting.name);
    const std::uint64_t bits = field.bits_of(setting.value);
    set_locked(field, static_cast<std::size_t>(&field - fields->fields.data()), bits);
}

void Parameters::step(std::size_t place, bool up) {
    const std::lock_guard lock{mutex_};
    if (!voice_ || !voice_->fields() || place >= voice_->fields()->fields.size()) return;
    const Field& field = voice_->fields()->fields[place];
    set_locked(field, place, field.stepped(voice_->now(place), up));
}

void Parameters::reset() {
    const std::lock_guard lock{mutex_};
    if (voice_ && voice_->fields()) {
        const std::vector<Field>& fields = voice_->fields()->fields;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (values_.contains(fields[i].name)) voice_->set(i, voice_->initial(i));
        }
    }
    values_.clear();
}

std::vector<Parameters::Shown> Parameters::shown() const {
    const std::lock_guard lock{mutex_};
    std::vector<Shown> all;
    if (!voice_ || !voice_->fields()) return all;
    const std::vector<Field>& fields = voice_->fields()->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        all.push_back(
            {fields[i].name, fields[i].text_of(voice_->now(i)), values_.contains(fields[i].name)});
    }
    return all;
}

}  // namespace run_callback
