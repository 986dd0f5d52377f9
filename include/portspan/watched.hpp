// SPDX-License-Identifier: MIT
// A stream that notices when its device is gone, and goes on with another.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "prepare.hpp"
#include "reopen.hpp"
#include "stream.hpp"
#include "watch.hpp"
#include "watcher.hpp"

namespace portspan {

/// A Stream<In, Out, L> that looks after itself. What it takes for a loss, whom it tells and where
/// it goes on is in a Watch. The stream that is opened then runs the same callback with the same
/// state, at the same sample rate with as many channels; where a device cannot do that, or none is
/// there, it is tried again.
///
/// A function of portspan's stands between PortAudio and any callback. StreamConfig::finished is
/// called where the callback or a control call has ended the stream, not at a loss.
///
/// A host that never answers again (PortAudio's JACK, whose server died) is left alone after 3 s:
/// other host APIs' devices can be opened then, that host API's not until the program is started
/// anew. Any thread but the callback's; of the calls below only request_stop() may come from there.
template <class In, class Out = In, Layout L = Interleaved>
class WatchedStream {
public:
    /// Takes the callbacks that a Stream takes, and throws what it throws.
    template <class Callback>
    WatchedStream(const StreamConfig& config, Callback callback, Watch watch = {})
        : watcher_(make(config, std::move(callback), std::move(watch))) {}

    /// A foreign function with the state that it gets as its user data.
    template <detail::ForeignFunction F, class State>
        requires(!std::convertible_to<State, Watch>)
    WatchedStream(const StreamConfig& config, const F& function, State state, Watch watch = {})
        : WatchedStream(config, detail::foreign(function, state), std::move(watch)) {}

    /// As Stream::start(). Where the device is gone it is looked for, at once and once.
    void start() {
        const std::error_code code = watcher().start();
        if (code == Fault::callback_threw) watcher().rethrow();
        if (code) throw Error(code, "Pa_StartStream");
    }
    [[nodiscard]] std::error_code start(std::nothrow_t) noexcept {
        return code_of([this](std::error_code& code) { code = watcher().start(); });
    }

    /// As Stream::stop(); ends the search for a device, too.
    void stop() {
        watcher().end("Pa_StopStream", [](detail::StreamHandle& stream) { stream.stop(); });
    }
    [[nodiscard]] std::error_code stop(std::nothrow_t) noexcept {
        return code_of([this](std::error_code& code) {
            watcher().end("Pa_StopStream",
                          [&](detail::StreamHandle& stream) { code = stream.stop(std::nothrow); });
        });
    }

    /// As Stream::abort(); ends the search for a device, too.
    void abort() {
        watcher().end("Pa_AbortStream", [](detail::StreamHandle& stream) { stream.abort(); });
    }
    [[nodiscard]] std::error_code abort(std::nothrow_t) noexcept {
        return code_of([this](std::error_code& code) {
            watcher().end("Pa_AbortStream",
                          [&](detail::StreamHandle& stream) { code = stream.abort(std::nothrow); });
        });
    }

    /// The callback's next result is at least Next::complete. The callback may call it.
    void request_stop() noexcept {
        if (watcher_) watcher_->request_stop();
    }

    /// Returns when the callback has completed or somebody stopped the stream, however often it is
    /// opened again. Throws like Stream::stop(), and Fault::device_lost where nothing is opened.
    void wait() {
        watcher().wait([](auto& changed, auto& lock, auto is_over) {
            return changed.wait(lock, is_over), true;
        });
    }
    /// The same, for at most `timeout`; false where that has passed.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        return watcher().wait([timeout](auto& changed, auto& lock, auto is_over) {
            // A timeout of hours::max() would overflow the clock.
            using Seconds = std::chrono::duration<double>;
            constexpr Seconds long_enough{std::chrono::hours{24 * 365}};
            const Seconds time = std::clamp(Seconds{timeout}, Seconds{0}, long_enough);
            return changed.wait_for(lock, time, is_over);
        });
    }

    /// True while the callback is called; false while a device is looked for.
    [[nodiscard]] bool active() const { return watcher().active(); }
    /// How often the device was gone.
    [[nodiscard]] unsigned losses() const { return watcher().losses(); }

    // As those of a Stream; Fault::device_lost where there is none at the moment.
    /// Hz.
    [[nodiscard]] double sample_rate() const {
        return watcher().ask([](const auto& stream) { return stream.sample_rate(); });
    }
    /// The share of its time that the callback takes, 0 to 1 and beyond.
    [[nodiscard]] double cpu_load() const {
        return watcher().ask([](const auto& stream) { return stream.cpu_load(); });
    }
    /// 0 without an input.
    [[nodiscard]] std::size_t input_channels() const {
        return watcher().ask([](const auto& stream) { return stream.input_channels(); });
    }
    /// 0 without an output.
    [[nodiscard]] std::size_t output_channels() const {
        return watcher().ask([](const auto& stream) { return stream.output_channels(); });
    }

private:
    template <class Callback>
    static auto make(const StreamConfig& config, Callback callback, Watch watch) {
        Session session{detail::ForStream{}};
        const auto request = detail::open_request<In, Out, L>(config);
        auto prepared = detail::prepare<In, Out, L>(std::move(callback), request.shape(),
                                                    config.frames_per_buffer, config.finished);
        detail::Reopener reopener{config, request, std::move(prepared), watch.reopen,
                                  &detail::open_request<In, Out, L>};
        return std::make_unique<detail::Watcher>(std::move(reopener), std::move(session), request,
                                                 std::move(watch));
    }

    template <class Call>
    static std::error_code code_of(Call call) noexcept {
        std::error_code code;
        try {
            call(code);
        } catch (const Error& error) {
            code = error.code();
        }
        return code;
    }

    /// What was moved from has none.
    [[nodiscard]] detail::Watcher& watcher() const {
        if (!watcher_) throw portaudio_failure(paBadStreamPtr, "WatchedStream");
        return *watcher_;
    }

    std::unique_ptr<detail::Watcher> watcher_;
};

}  // namespace portspan
