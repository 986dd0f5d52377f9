// SPDX-License-Identifier: MIT
#include "environment.hpp"

#include <dlfcn.h>
#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace drop_in {

namespace {

using portspan::mock::Device;
using portspan::mock::HostApi;
using portspan::mock::Loss;

constexpr std::array<std::string_view, 8> names{"INPUT", "OUTPUT", "SPEED", "DEVICES",
                                                "BLOCK", "LOSE",   "FAIL",  "BACK_TO_BACK"};
constexpr std::string_view prefix = "PORTSPAN_MOCK_";

/// One variable; an empty value is none.
struct Variable {
    std::string name;
    std::string text;

    explicit Variable(std::string_view suffix) : name(std::string{prefix} += suffix) {
        if (const char* value = std::getenv(name.c_str())) text = value;
    }
    explicit operator bool() const { return !text.empty(); }
    [[noreturn]] void refuse(std::string_view part, const std::string& why) const {
        throw std::runtime_error(name + ": \"" + std::string{part} + "\" " + why);
    }
};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// All of the text as a number from `least` to `most`.
template <class T>
std::optional<T> number(std::string_view text, T least, T most) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value >= least && value <= most ? std::optional{value} : std::nullopt;
}

void refuse_unknown_variables() {
    for (char** entry = environ; *entry; ++entry) {
        std::string_view name = *entry;
        name = name.substr(0, name.find('='));
        if (!name.starts_with(prefix)) continue;
        const std::string_view suffix = name.substr(prefix.size());
        if (std::ranges::find(names, suffix) != names.end()) continue;
        std::string known;
        for (const std::string_view each : names) (known += ' ') += each;
        throw std::runtime_error(std::string{name} + ": there is no such variable; after " +
                                 std::string{prefix} + " comes one of" + known);
    }
}

Sound read_sound(const Variable& variable) {
    if (!variable) return {};
    const std::string& name = variable.text;
    std::error_code ignored;
    // A pipe would have to be waited for.
    if (std::filesystem::exists(name, ignored) && !std::filesystem::is_regular_file(name, ignored))
        variable.refuse(name, "is not a regular file");
    SF_INFO info{};
    errno = 0;
    SNDFILE* file = sf_open(name.c_str(), SFM_READ, &info);
    if (!file) {
        const int why = errno;
        std::string words = sf_strerror(nullptr);
        if (words.starts_with("System error")) words = std::strerror(why);
        while (words.ends_with('\n') || words.ends_with('.')) words.pop_back();
        variable.refuse(name, "cannot be read: " + words);
    }
    Sound sound{name, {}, static_cast<std::size_t>(info.channels), info.samplerate};
    // In pieces: some formats do not know how long they are.
    std::vector<float> piece(4096 * sound.channels);
    for (sf_count_t got = 1; got > 0;) {
        got = sf_read_float(file, piece.data(), static_cast<sf_count_t>(piece.size()));
        sound.samples.insert(sound.samples.end(), piece.begin(), piece.begin() + got);
    }
    sf_close(file);
    if (sound.samples.empty()) variable.refuse(name, "has no audio in it");
    return sound;
}

/// Known before an hour of audio is processed for nothing.
std::string writable_name(const Variable& variable) {
    const std::string& name = variable.text;
    if (!variable) return name;
    if (!name.ends_with(".wav") && !name.ends_with(".flac")) {
        variable.refuse(name, "must end in .wav or .flac");
    }
    const bool is_new = access(name.c_str(), F_OK) != 0;
    std::FILE* file = std::fopen(name.c_str(), "ab");
    if (!file) variable.refuse(name, std::string{"cannot be written: "} + std::strerror(errno));
    std::fclose(file);
    if (is_new) std::remove(name.c_str());
    return name;
}

double speed(const Variable& variable) {
    if (!variable) return 1;
    if (variable.text == "max") return std::numeric_limits<double>::infinity();
    if (const auto value = number(variable.text, 0.001, 1000.0)) return *value;
    variable.refuse(variable.text, "is neither a number from 0.001 to 1000 nor \"max\"");
}

portspan::mock::Machine machine(const Variable& variable, const Sound& input) {
    HostApi api{.devices = {}, .default_input = {}, .default_output = {}};
    if (!variable) {
        Device device;
        device.max_input_channels = std::max(2, static_cast<int>(input.channels));
        device.default_sample_rate = input.sample_rate;
        api.devices.push_back(device);
    } else if (variable.text != "none") {
        for (const std::string_view text : split(variable.text, ',')) {
            constexpr int most_channels = 256;
            const auto parts = split(text, ':');
            const auto field = [&](std::size_t i) { return i < parts.size() ? parts[i] : ""; };
            const auto inputs = number(field(1), 0, most_channels);
            const auto outputs = number(field(2), 0, most_channels);
            const auto rate = parts.size() == 4
                                  ? number(parts[3], 1000.0, 384000.0)
                                  : std::optional{static_cast<double>(input.sample_rate)};
            if (parts.size() > 4 || parts[0].empty() || !inputs || !outputs || !rate ||
                *inputs + *outputs == 0) {
                variable.refuse(text,
                                "is no name:inputs:outputs or name:inputs:outputs:rate, such "
                                "as Headset:1:2:48000, nor \"none\"");
            }
            api.devices.push_back({.name = std::string{parts[0]},
                                   .max_input_channels = *inputs,
                                   .max_output_channels = *outputs,
                                   .default_sample_rate = *rate});
        }
    }
    const auto first = [&](int Device::* channels) -> std::optional<int> {
        const auto found = std::ranges::find_if(
            api.devices, [&](const Device& device) { return device.*channels > 0; });
        if (found == api.devices.end()) return std::nullopt;
        return static_cast<int>(found - api.devices.begin());
    };
    api.default_input = first(&Device::max_input_channels);
    api.default_output = first(&Device::max_output_channels);
    return {{api}};
}

unsigned long block(const Variable& variable) {
    if (!variable) return 256;
    if (const auto frames = number(variable.text, 1ul, 65536ul)) return *frames;
    variable.refuse(variable.text, "is no number of frames from 1 to 65536");
}

std::optional<DeviceLoss> loss(const Variable& variable) {
    if (!variable) return std::nullopt;
    constexpr std::array<std::pair<std::string_view, Loss>, 3> kinds{
        {{"silence", Loss::silence}, {"finished", Loss::finished}, {"error", Loss::error}}};
    const auto parts = split(variable.text, ':');
    const auto seconds = number(parts[0], 0.0, 1e9);
    const auto kind = std::ranges::find(kinds, parts.size() == 2 ? parts[1] : "finished",
                                        &std::pair<std::string_view, Loss>::first);
    if (!seconds || parts.size() > 2 || kind == kinds.end()) {
        variable.refuse(variable.text,
                        "is no number of seconds, with :silence, :finished or "
                        ":error behind it or nothing");
    }
    return DeviceLoss{*seconds, kind->second};
}

std::optional<BackToBack> back_to_back(const Variable& variable) {
    if (!variable) return std::nullopt;
    const std::string_view text = variable.text;
    constexpr std::string_view unit = "calls";
    if (text.ends_with(unit)) {
        const auto calls = number(text.substr(0, text.size() - unit.size()), 1ul, 1'000'000'000ul);
        if (calls) return BackToBack{0, *calls};
    } else if (const auto seconds = number(text, 0.0, 3600.0)) {
        return BackToBack{*seconds, 0};
    }
    variable.refuse(text, "is neither a number of seconds nor of calls, such as 1000calls");
}

bool is_function(std::string_view name) {
    // In this library, wherever the program has loaded it.
    Dl_info here{};
    constexpr std::array<std::string_view, 5> never_fail{
        "Pa_GetErrorText", "Pa_GetVersion", "Pa_GetVersionInfo", "Pa_GetVersionText", "Pa_Sleep"};
    if (std::ranges::find(never_fail, name) != never_fail.end()) return false;
    if (!name.starts_with("Pa_") || dladdr(&names, &here) == 0) return false;
    void* library = dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    const bool found = library && dlsym(library, std::string{name}.c_str());
    if (library) dlclose(library);
    return found;
}

std::vector<Fault> faults(const Variable& variable) {
    std::vector<Fault> result;
    if (!variable) return result;
    for (const std::string_view text : split(variable.text, ',')) {
        const auto parts = split(text, ':');
        const auto code = number(parts.size() > 1 ? parts[1] : "", -100'000, 100'000);
        const auto before = number(parts.size() > 2 ? parts[2] : "0", 0l, 1'000'000'000l);
        if (!is_function(parts[0]) || !code || !before || parts.size() > 3) {
            variable.refuse(text,
                            "is no function:code or function:code:n, such as "
                            "Pa_OpenStream:-9985");
        }
        result.push_back({std::string{parts[0]}, *code, *before});
    }
    return result;
}

}  // namespace

double speed_in_environment() try {
    return speed(Variable{"SPEED"});
} catch (const std::runtime_error&) {
    return 1;
}

Environment read_environment() {
    refuse_unknown_variables();
    Environment result;
    static_cast<void>(speed(Variable{"SPEED"}));  // in use since the library was loaded
    result.block = block(Variable{"BLOCK"});
    result.loss = loss(Variable{"LOSE"});
    result.back_to_back = back_to_back(Variable{"BACK_TO_BACK"});
    result.faults = faults(Variable{"FAIL"});
    result.input = read_sound(Variable{"INPUT"});
    result.machine = machine(Variable{"DEVICES"}, result.input);
    result.output = writable_name(Variable{"OUTPUT"});
    return result;
}

}  // namespace drop_in
