// SPDX-License-Identifier: MIT
// An adaptor that measures its callback while it is heard.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "nonblocking.hpp"
#include "sole_use.hpp"
#include "stream_run.hpp"
#include "telemetry.hpp"

namespace portspan {

/// What monitor() returns, until a stream completes it.
template <class Callback>
struct Monitor {
    Callback callback;    ///< what it goes around
    Telemetry telemetry;  ///< what is told of it
};

/// Each call of `callback` is measured and counted in `telemetry`, which any thread may read while
/// the stream runs. Costs two readings of the clock a call. Around the whole callback it measures
/// what the device waits for; around a part of it that part. An Error where another callback that
/// is not destroyed yet has `telemetry`.
template <class Callback>
[[nodiscard]] Monitor<std::decay_t<Callback>> monitor(Callback&& callback,
                                                      Telemetry telemetry = {}) {
    return {std::forward<Callback>(callback), std::move(telemetry)};
}
/// The same for a function pointer with its state.
template <detail::ForeignFunction F, detail::StatePointer State>
[[nodiscard]] auto monitor(const F& function, State state, Telemetry telemetry = {}) {
    return monitor(detail::foreign(function, state), std::move(telemetry));
}

namespace detail {

template <class C>
inline constexpr bool is_adaptor<Monitor<C>> = true;

template <class Inner>
class BoundMonitor {
public:
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;

    BoundMonitor(Inner its_inner, SoleUse<Meter> meter, const Context& context)
        : inner(std::move(its_inner)),
          meter_(std::move(meter)),
          run_(context),
          nanoseconds_a_frame_(context.sample_rate > 0 ? 1e9 / context.sample_rate : 0) {}

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        Measurement call{*this, raw, now()};
        call.result = inner(raw);
        call.threw = false;
        return call.result;
    }

private:
    using Clock = std::chrono::steady_clock;

    static Clock::time_point now() noexcept PORTSPAN_NONBLOCKING(true) {
        PORTSPAN_NOT_SEEN(return Clock::now());  // systems answer it in the process
    }

    /// Its end is the call's, by an exception too.
    struct Measurement {
        BoundMonitor& monitor;
        const RawBlock& raw;
        Clock::time_point start;
        int result = paContinue;
        bool threw = true;

        ~Measurement() { monitor.measure(*this, now()); }
    };

    void measure(const Measurement& call, Clock::time_point end) noexcept {
        const bool goes_on = !run_.has_begun() && last_start_ != Clock::time_point{};
        meter_->measure({.duration = end - call.start,
                         .gap = goes_on ? call.start - last_start_ : Clock::duration{0},
                         .frames = call.raw.frames,
                         .deadline = nanoseconds_a_frame_ * static_cast<double>(call.raw.frames),
                         .status = call.raw.status,
                         .result = call.result,
                         .threw = call.threw});
        last_start_ = call.start;
    }

    SoleUse<Meter> meter_;
    StreamRun run_;
    double nanoseconds_a_frame_;
    Clock::time_point last_start_{};
};

template <class In, class Out, class L, class Callback>
auto bind(Monitor<Callback> adaptor, const Context& context) {
    SoleUse<Meter> meter{
        SharedOf::get(adaptor.telemetry), "monitor",
        "another callback has the Telemetry, which is not destroyed yet: give this one a "
        "Telemetry of its own"};
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    return BoundMonitor<decltype(inner)>{std::move(inner), std::move(meter), context};
}

}  // namespace detail

}  // namespace portspan
