// SPDX-License-Identifier: MIT
// The device that is meant, by its name or by parts of it.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device.hpp"
#include "error.hpp"

namespace portspan {

namespace detail {

/// How well a text names a device; of all devices those with the best Fit are meant.
enum class Fit { none, parts, whole, exact };

/// ASCII letters only: what is beyond them has to be written as it is.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

/// All words of `text` are in `in`, one behind the other; false where there are no words.
[[nodiscard]] inline bool has_words_in_order(std::string_view text, std::string_view in) {
    constexpr std::string_view space = " \t\n\r\f\v";
    bool any = false;
    std::size_t from = 0;
    for (std::size_t at = text.find_first_not_of(space); at != text.npos;
         at = text.find_first_not_of(space)) {
        text.remove_prefix(at);
        const std::string_view word = text.substr(0, text.find_first_of(space));
        text.remove_prefix(word.size());
        const std::size_t found = in.find(word, from);
        if (found == in.npos) return false;
        from = found + word.size();
        any = true;
    }
    return any;
}

[[nodiscard]] inline Fit fit_of(std::string_view text, const Device& device) {
    if (device.name == text) return Fit::exact;
    const std::string lower = lower_case(text);
    const std::string name = lower_case(device.name);
    const std::string full = name + ", " + lower_case(device.host_api);
    if (lower == name || lower == full) return Fit::whole;
    return has_words_in_order(lower, full) ? Fit::parts : Fit::none;
}

/// The one of `usable` that `text` names; `what` is what was asked for, in the Error.
[[nodiscard]] inline Device the_device(std::string_view text, const char* what,
                                       std::vector<Device> usable) {
    std::vector<Device*> found;
    Fit best = Fit::parts;
    for (Device& device : usable) {
        const Fit fit = fit_of(text, device);
        if (fit > best) found.clear();
        if (fit >= best) {
            best = fit;
            found.push_back(&device);
        }
    }
    if (found.size() == 1) return std::move(*found.front());

    std::string list;
    const auto add = [&list](const std::string& candidate) {
        list.append(list.empty() ? "there are " : ", ").append(candidate);
    };
    if (found.empty()) {
        for (const Device& device : usable) {
            add('"' + device.name + "\" (" + device.host_api + ')');
        }
    }
    for (const Device* device : found) {
        add('"' + device->name + "\" (" + device->host_api + ", index " +
            std::to_string(device->index) + ')');
    }
    if (list.empty()) list = "there is no device at all";
    raise(Error(found.empty() ? Fault::unknown_device : Fault::ambiguous_device, "find_device",
                what + (" \"" + std::string{text}) + "\": " + list));
}

}  // namespace detail

/// The device that `text` names, among those with channels in this direction. What fits best wins:
///   1. the exact name;
///   2. the name or "name, host API", upper and lower case alike;
///   3. words that all stand in "name, host API", in this order, upper and lower case alike, each
///      behind the one before: "usb alsa" finds "USB Audio", host API "ALSA".
/// Upper and lower case are alike for ASCII letters only; words are parted by white space. Throws
/// Error: Fault::unknown_device, which lists what there is with its host API, or
/// Fault::ambiguous_device, which lists those that fit equally well, with their host APIs and
/// indices.
[[nodiscard]] inline Device find_device(std::string_view text, Direction direction) {
    std::vector<Device> usable = devices();
    std::erase_if(usable, [&](const Device& device) { return device.max_channels(direction) < 1; });
    return detail::the_device(text, direction == Direction::input ? "input" : "output",
                              std::move(usable));
}

/// The same, among the devices that have channels in both directions.
[[nodiscard]] inline Device find_duplex_device(std::string_view text) {
    std::vector<Device> usable = devices();
    std::erase_if(usable, [](const Device& device) {
        return device.max_input_channels < 1 || device.max_output_channels < 1;
    });
    return detail::the_device(text, "duplex", std::move(usable));
}

}  // namespace portspan
