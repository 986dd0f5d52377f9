// SPDX-License-Identifier: MIT
// The numbers that somebody has set, whichever version of the callback is heard.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <portspan/callback.hpp>
#include <string>
#include <vector>

#include "options.hpp"
#include "voice.hpp"

namespace run_callback {

/// NAME=VALUE.
struct Setting {
    std::string name;
    std::string value;
};

/// Throws Failure for what is none.
[[nodiscard]] Setting setting_of(const std::string& text);
/// Of --set; throws Usage.
[[nodiscard]] std::vector<Setting> settings_of(const Options& options);

class Parameters;

/// For a callback that is to be run on a state: where its library tells of one, and where numbers
/// of it are to be set, now or later. Throws Usage where there is no such number. Else null.
[[nodiscard]] std::shared_ptr<Parameters> parameters_for(const Options& options,
                                                         const LoadedCallback& callback);

/// What was set, by names: it outlives the voice whose state it is in. Any thread but the audio
/// thread.
class Parameters {
public:
    /// From the command line; throws Usage where the state has no such number.
    Parameters(std::vector<Setting> settings, const LoadedCallback& callback);

    /// A voice whose state begins with what was set, and which further changes are for.
    [[nodiscard]] std::shared_ptr<Voice> new_voice(const LoadedCallback& callback,
                                                   const portspan::RawCallback& raw, bool goes_on,
                                                   Silence silence);
    /// The last one is not heard after all; it is, and the one before is not needed any more.
    void take_back();
    void keep();
    /// What was set that the last one has no number for: "drive, tone"; empty if none.
    [[nodiscard]] std::string missing() const;
    /// Null before the first.
    [[nodiscard]] std::shared_ptr<Voice> voice() const;

    /// Throws Failure, which names the names.
    void set(const Setting& setting);
    /// Of the number at this place; nothing where there is none.
    void step(std::size_t place, bool up);
    /// All that was set is as the library has it.
    void reset();

    struct Shown {
        std::string name;
        std::string value;
        bool is_set = false;
    };
    [[nodiscard]] std::vector<Shown> shown() const;
    /// Of those; cheaper.
    [[nodiscard]] std::size_t count() const;

private:
    // Once there is a voice, as all that follow new_voice().
    void set_locked(const Number& number, std::size_t place, std::uint64_t bits);

    mutable std::mutex mutex_;
    std::map<std::string, std::string> values_;
    std::shared_ptr<Voice> voice_;
    std::shared_ptr<Voice> before_;
    std::string missing_;
};

}  // namespace run_callback
