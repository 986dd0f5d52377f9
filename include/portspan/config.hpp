// SPDX-License-Identifier: MIT
// How a stream is to be opened. Everything has a default: what the device itself prefers.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <limits>
#include <optional>
#include <variant>

#include "device_choice.hpp"
#include "finished.hpp"
#include "flags.hpp"
#include "host_info.hpp"
#include "raw_format.hpp"

namespace portspan {

/// A device's own suggestion (PaDeviceInfo): `low` for playing live, `high` for no gaps.
enum class Latency { low, high };

/// One direction of a stream.
struct Endpoint {
    /// A Device as it was listed, or a PortAudio device index; empty: the default device.
    DeviceChoice device = {};
    /// Empty: as many as the device has, at most two.
    std::optional<int> channels = {};
    /// The suggestion to the host, which rounds it up: Latency::low, Latency::high or a duration of
    /// at most 10 s.
    std::variant<Latency, std::chrono::duration<double>> latency = Latency::high;
    /// A host API's own settings: a type of host/*.hpp, or HostInfo{pointer} with PortAudio's
    /// struct. Where they name the device, `device` stays empty and `channels` is needed; without a
    /// default device of that host API the latency and the sample rate are needed, too.
    HostInfo host_info = {};
    /// The format of a std::byte direction, which needs one; others have that of their type.
    RawFormat format = {};
};

/// PaStreamFlags, to be combined with |.
enum class StreamFlags : PaStreamFlags {
    none = paNoFlag,
    clip_off = paClipOff,                 ///< samples out of range are not clipped in conversions
    dither_off = paDitherOff,             ///< no dither in conversions to fewer bits
    never_drop_input = paNeverDropInput,  ///< duplex, a callback and frames_per_buffer 0 only
    prime_output = paPrimeOutputBuffersUsingStreamCallback,  ///< ignored by ALSA and JACK
};
/// To be combined with | and asked with any().
template <>
inline constexpr bool is_flag_set<StreamFlags> = true;

/// StreamConfig::sample_rate: what the output device prefers, or the input device without output.
inline constexpr double default_sample_rate = (std::numeric_limits<double>::max)();

/// How a stream is opened: everything that PortAudio asks for, each with a default.
struct StreamConfig {
    Endpoint input = {};   ///< not read where the stream has no input
    Endpoint output = {};  ///< not read where the stream has no output
    /// Hz, 1,000 to 768,000; 0, negative numbers and NaN are errors, not defaults.
    double sample_rate = default_sample_rate;
    /// Frames per call, at most 2^20. 0: the host chooses, and may choose anew for each call; a
    /// number may cost another buffer of latency (portaudio.h, Pa_OpenStream).
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;
    StreamFlags flags = StreamFlags::none;  ///< what hosts may do to samples and buffers
    /// Called when the stream has ended. With one, a foreign callback is called by a function of
    /// portspan's, so request_stop() works, and a result of no meaning is reported.
    Finished finished = {};
};

}  // namespace portspan
