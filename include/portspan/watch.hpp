// SPDX-License-Identifier: MIT
// What is to be done when the device of a stream is gone.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <system_error>

namespace portspan {

/// How it was seen that a device is gone.
enum class LossCause {
    ended,   ///< the host ended the stream, and neither the callback nor a control call wanted it
    silent,  ///< the callback has not been called for longer than Watch::silence
    error,   ///< PortAudio answers with an error
};

/// What Watch::on_loss is told.
struct DeviceLoss {
    LossCause cause;  ///< how it was seen
    /// The names of the stream's devices, the input's first: "USB Audio", "Mic, Speakers".
    std::string devices;
    /// What PortAudio answers, where the cause is an error.
    std::error_code code;
};

/// Where a stream whose device is gone goes on.
enum class Reopen {
    never,
    same_device,  ///< on devices of the same names and host APIs, as soon as they are there again
    /// Likewise, and while those cannot be opened on the default devices, without a host_info.
    default_device,
};

/// What a WatchedStream takes for a loss, whom it tells, and where it goes on.
struct Watch {
    Reopen reopen = Reopen::never;  ///< where it goes on
    /// A callback that is not called for so long is lost: at least 10 ms and two blocks, where
    /// frames_per_buffer says how long those are. A stream of a longer latency has that long.
    std::chrono::duration<double> silence = std::chrono::seconds{2};
    /// The time between two attempts to open a stream again. While each looks for devices the whole
    /// process's stderr is silent (QuietStderr).
    std::chrono::duration<double> retry = std::chrono::milliseconds{500};
    /// Called on a thread of the stream's own when a device is gone, before it is reopened. May
    /// make the stream's control calls, but not wait for its end nor destroy it. What it throws
    /// ends the program.
    std::function<void(const DeviceLoss&)> on_loss = {};
    /// Called on that thread when the stream runs again.
    std::function<void()> on_reopened = {};
};

}  // namespace portspan
