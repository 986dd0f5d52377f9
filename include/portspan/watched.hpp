// SPDX-License-Identifier: MIT
// A stream that notices when its device is gone, and goes on with another.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "error.hpp"
#include "exceptions.hpp"
#include "prepare.hpp"
#include "questions.hpp"
#include "reopen.hpp"
#include "request.hpp"
#include "result.hpp"
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
/// There is no handle(), which the next attempt to open a stream would close.
///
/// While an attempt looks for devices nothing that the process writes to stderr is seen
/// (QuietStderr): back ends print there each time what they merely tried.
template <class In, class Out = In, Layout L = Interleaved>
class WatchedStream {
public:
    /// On the default devices with their default sample rate and at most two channels a direction.
    template <class Callback>
        requires(!std::same_as<Callback, WatchedStream> && !std::same_as<Callback, StreamConfig>)
    explicit WatchedStream(Callback callback, Watch watch = {})
        : WatchedStream(StreamConfig{}, std::move(callback), std::move(watch)) {}

    /// Takes the callbacks that a Stream takes, and throws what it throws.
    template <class Callback>
    WatchedStream(const StreamConfig& config, Callback callback, Watch watch = {})
        : watcher_(make(config, std::move(callback), std::move(watch))) {}

    /// A foreign function with the state that it gets as its user data.
    template <detail::ForeignFunction F, class State>
        requires(!std::convertible_to<State, Watch>)
    WatchedStream(const F& function, State state, Watch watch = {})
        : WatchedStream(StreamConfig{}, detail::foreign(function, state), std::move(watch)) {}

    /// The same as `config` says.
    template <detail::ForeignFunction F, class State>
        requires(!std::convertible_to<State, Watch>)
    WatchedStream(const StreamConfig& config, const F& function, State state, Watch watch = {})
        : WatchedStream(config, detail::foreign(function, state), std::move(watch)) {}

    /// As Stream::start(). Where the device is gone it is looked for, at once and once.
    void start() {
        const auto failure = watcher().start();
        if (failure && failure->code() == Fault::callback_threw) watcher().rethrow();
        require(failure);
    }
    [[nodiscard]] std::error_code start(std::nothrow_t) noexcept {
        return code_of([](detail::Watcher& watcher, std::error_code&) { return watcher.start(); });
    }

    /// As Stream::stop(); ends the search for a device, too.
    void stop() {
        require(
            watcher().end("Pa_StopStream", [](detail::StreamHandle& stream) { stream.stop(); }));
    }
    [[nodiscard]] std::error_code stop(std::nothrow_t) noexcept {
        return code_of([](detail::Watcher& watcher, std::error_code& code) {
            return watcher.end("Pa_StopStream", [&](detail::StreamHandle& stream) {
                code = stream.stop(std::nothrow);
            });
        });
    }

    /// As Stream::abort(); ends the search for a device, too.
    void abort() {
        require(
            watcher().end("Pa_AbortStream", [](detail::StreamHandle& stream) { stream.abort(); }));
    }
    [[nodiscard]] std::error_code abort(std::nothrow_t) noexcept {
        return code_of([](detail::Watcher& watcher, std::error_code& code) {
            return watcher.end("Pa_AbortStream", [&](detail::StreamHandle& stream) {
                code = stream.abort(std::nothrow);
            });
        });
    }

    /// As Stream::close(); ends the search for a device, too. Not from Watch::on_loss.
    void close() {
        require(close_with([](detail::StreamHandle& stream) { stream.close(); }));
    }
    [[nodiscard]] std::error_code close(std::nothrow_t) noexcept {
        std::error_code code;
        const auto refused =
            close_with([&](detail::StreamHandle& stream) { code = stream.close(std::nothrow); });
        return refused ? refused->code() : code;
    }

    /// As Stream::take_failure().
    [[nodiscard]] std::exception_ptr take_failure() noexcept {
        if (untold_) return std::exchange(untold_, nullptr);
        return watcher_ ? watcher_->take_failure() : nullptr;
    }

    /// The callback's next result is at least Next::complete. The callback may call it.
    void request_stop() noexcept {
        if (watcher_) watcher_->request_stop();
    }

    /// Returns when the callback has completed or somebody stopped the stream, however often it is
    /// opened again. Throws like Stream::stop(), and Fault::device_lost where nothing is opened.
    void wait() { static_cast<void>(watcher().wait(for_ever, throwing).value()); }
    [[nodiscard]] std::error_code wait(std::nothrow_t) noexcept {
        return code_of([](detail::Watcher& watcher, std::error_code& code) {
            return refused(watcher.wait(for_ever, telling(code)));
        });
    }
    /// The same, for at most `timeout`; false where that has passed.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        return watcher().wait(at_most(timeout), throwing).value();
    }
    /// std::errc::timed_out where that has passed.
    template <class Rep, class Period>
    [[nodiscard]] std::error_code wait_for(std::chrono::duration<Rep, Period> timeout,
                                           std::nothrow_t) noexcept {
        return code_of([&](detail::Watcher& watcher, std::error_code& code) {
            auto is_over = watcher.wait(at_most(timeout), telling(code));
            if (is_over && !*is_over) code = std::make_error_code(std::errc::timed_out);
            return refused(is_over);
        });
    }

    /// True while the callback is called; false while a device is looked for.
    [[nodiscard]] bool active() const { return watcher().active(); }
    /// True before start() and after stop() or abort(); false after a callback that completed.
    [[nodiscard]] bool stopped() const { return watcher().stopped(); }
    /// How often the device was gone.
    [[nodiscard]] unsigned losses() const { return watcher().losses(); }

    // As those of a Stream; Fault::device_lost where there is none at the moment.
    /// Hz.
    [[nodiscard]] double sample_rate() const {
        return watcher().ask([](const auto& stream) { return stream.sample_rate(); });
    }
    /// From the ADC to the callback, by PortAudio's estimate.
    [[nodiscard]] std::chrono::duration<double> input_latency() const {
        return watcher().ask([](const auto& stream) { return stream.input_latency(); });
    }
    /// From the callback to the DAC, by PortAudio's estimate.
    [[nodiscard]] std::chrono::duration<double> output_latency() const {
        return watcher().ask([](const auto& stream) { return stream.output_latency(); });
    }
    /// The clock of Block::time(), another one after each loss; 0 where PortAudio cannot tell.
    [[nodiscard]] StreamClock::time_point time() const {
        return watcher().ask([](const auto& stream) { return stream.time(); });
    }
    /// The host API of the stream's devices.
    [[nodiscard]] HostApiType host_api_type() const {
        return watcher().ask([](const auto& stream) { return stream.host_api_type(); });
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
        auto prepared = detail::prepare<In, Out, L>(std::move(callback),
                                                    detail::context_of(request), config.finished);
        detail::Reopener reopener{config, request, std::move(prepared), watch.reopen,
                                  &detail::request_for<In, Out, L>};
        return std::make_unique<detail::Watcher>(std::move(reopener), std::move(session), request,
                                                 std::move(watch));
    }

    // How long to wait, and what to make of a stream that has ended.
    static constexpr auto for_ever = [](auto& changed, auto& lock, auto is_over) {
        return changed.wait(lock, is_over), true;
    };
    template <class Rep, class Period>
    static auto at_most(std::chrono::duration<Rep, Period> timeout) {
        return [timeout](auto& changed, auto& lock, auto is_over) {
            // A timeout of hours::max() would overflow the clock.
            using Seconds = std::chrono::duration<double>;
            constexpr Seconds long_enough{std::chrono::hours{24 * 365}};
            const Seconds time = std::clamp(Seconds{timeout}, Seconds{0}, long_enough);
            return changed.wait_for(lock, time, is_over);
        };
    }
    static constexpr auto throwing = [](detail::StreamHandle& ended) { ended.wait(); };
    static auto telling(std::error_code& code) {
        return [&code](detail::StreamHandle& ended) { code = ended.wait(std::nothrow); };
    }

    /// `close` closes the stream that it gets, where there is one.
    template <class Close>
    [[nodiscard]] std::optional<Error> close_with(Close close) {
        if (!watcher_) return {};
        if (auto refused = watcher_->refused_waiting("Pa_CloseStream")) return refused;
        const auto closed = std::move(watcher_);
        closed->close(close);
        untold_ = closed->take_failure();
        return {};
    }

    /// `call` gets the watcher, and a place for a code where it refuses nothing.
    template <class Call>
    std::error_code code_of(Call call) noexcept {
        if (!watcher_) return portaudio_error(paBadStreamPtr);
        std::error_code code;
        const std::optional<Error> refused = call(*watcher_, code);
        return refused ? refused->code() : code;
    }
    static std::optional<Error> refused(const detail::Result<bool>& waited) {
        return waited ? std::optional<Error>{} : waited.error();
    }
    static void require(const std::optional<Error>& failure) {
        if (failure) detail::raise(*failure);
    }

    /// What was closed or moved from has none.
    [[nodiscard]] detail::Watcher& watcher() const {
        if (!watcher_) detail::raise(detail::closed_failure("WatchedStream"));
        return *watcher_;
    }

    std::unique_ptr<detail::Watcher> watcher_;
    std::exception_ptr untold_;  ///< what a stream that is closed has not said
};

}  // namespace portspan
