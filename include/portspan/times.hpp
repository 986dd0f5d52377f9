// SPDX-License-Identifier: MIT
// When a block happens and what happened to the ones before it.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <utility>

#include "flags.hpp"

namespace portspan {

/// The stream's own clock: seconds since a moment that PortAudio does not say. Stream::time() reads
/// it; the moments in a StreamTimes are on it too.
struct StreamClock {
    using rep = double;                                   ///< seconds
    using period = std::ratio<1>;                         ///< seconds
    using duration = std::chrono::duration<rep, period>;  ///< of this clock
    /// Of one stream: others have another 0.
    using time_point = std::chrono::time_point<StreamClock>;
    static constexpr bool is_steady = true;  ///< as far as the host keeps it
};

/// When a block happens (portaudio.h, PaStreamCallbackTimeInfo).
struct StreamTimes {
    /// When the first input sample was at the ADC; empty where the stream has no input, or a host
    /// that does not say, or says what is no finite number.
    std::optional<StreamClock::time_point> input_adc;
    /// When the callback was called.
    StreamClock::time_point current;
    /// When the first output sample will be at the DAC; empty likewise.
    std::optional<StreamClock::time_point> output_dac;
};

/// Why the audio may have a gap (portaudio.h, PaStreamCallbackFlags); hosts report what they can.
enum class StatusFlags : PaStreamCallbackFlags {
    none = 0,
    input_underflow = paInputUnderflow,    ///< silence was inserted into the input
    input_overflow = paInputOverflow,      ///< input before this block was dropped
    output_underflow = paOutputUnderflow,  ///< a gap was heard before this block
    output_overflow = paOutputOverflow,    ///< output will be dropped: nobody takes it
    priming_output = paPrimingOutput,      ///< filling the first buffers, nothing is heard yet
};
/// To be combined with | and asked with any().
template <>
inline constexpr bool is_flag_set<StatusFlags> = true;

/// "input overflow, output underflow"; empty for none. Not for the audio thread: it may allocate.
[[nodiscard]] inline std::string to_string(StatusFlags flags) {
    constexpr std::pair<StatusFlags, std::string_view> names[]{
        {StatusFlags::input_underflow, "input underflow"},
        {StatusFlags::input_overflow, "input overflow"},
        {StatusFlags::output_underflow, "output underflow"},
        {StatusFlags::output_overflow, "output overflow"},
        {StatusFlags::priming_output, "priming output"}};
    std::string text;
    for (const auto& [flag, name] : names) {
        if (any(flags & flag)) text.append(text.empty() ? "" : ", ").append(name);
    }
    return text;
}

}  // namespace portspan
