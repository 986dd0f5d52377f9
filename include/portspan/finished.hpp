// SPDX-License-Identifier: MIT
// What is called when a stream has ended.
#pragma once

#include <portaudio.h>

#include <concepts>
#include <functional>
#include <utility>

namespace portspan {

/// Called once for each start() that ends, whatever ended it: the callback's result, stop(),
/// abort(), the stream's own end, or the host that has lost the device (a JACK server that dies
/// tells nobody: see WatchedStream). On the audio thread on most hosts, on a control thread on
/// others: it wakes somebody up and returns. No control call of the stream may come from it, except
/// request_stop(). What it throws comes out of stop() and wait().
class Finished {
public:
    /// Nothing is called.
    Finished() = default;

    /// A callable without arguments, copyable.
    template <class Callable>
        requires(!std::same_as<Callable, Finished> && std::invocable<Callable&>)
    Finished(Callable callable) : call_(std::move(callable)) {}

    /// A C function with its own data: PortAudio would give it the stream callback's.
    Finished(PaStreamFinishedCallback* function, void* data) {
        if (function) call_ = [function, data] { function(data); };
    }

    /// Whether there is something to call.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(call_); }
    /// Calls it; there has to be something.
    void operator()() const { call_(); }

private:
    std::function<void()> call_;
};

}  // namespace portspan
