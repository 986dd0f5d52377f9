// SPDX-License-Identifier: MIT
// PortAudio initialised for as long as somebody needs it, and one control call at a time.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

#include "error.hpp"
#include "exceptions.hpp"
#include "result.hpp"

namespace portspan {

namespace detail {
/// Serialises every call that opens, starts, stops or closes, and what reads PortAudio's list of
/// devices: PortAudio is not thread-safe.
/// No callback may take it, so a call that waits for the callback cannot deadlock on it.
inline std::mutex control_mutex;

[[nodiscard]] inline std::lock_guard<std::mutex> control_lock() {
    return std::lock_guard{control_mutex};
}

/// What portspan holds of PortAudio in this process; with the control lock.
struct Held {
    int sessions = 0;
    int streams = 0;  ///< of those: open streams, and what is about to be one
    int initializations =
        0;                  ///< Pa_Initialize less Pa_Terminate; fewer only after a failed refresh
    int unclosed = 0;       ///< streams that PortAudio could not close: a host may still call
    int quiet = 0;          ///< of `sessions`: whose program wants PortAudio to be silent
    std::size_t lists = 0;  ///< of devices that PortAudio has made
    int given_up = 0;       ///< of `streams`: nobody's any more, but their host has not answered

    /// As many as there are sessions, which `more` wants to be; the Error where that fails.
    [[nodiscard]] std::optional<Error> initialize(int more = 0) {
        while (initializations < sessions + more) {
            const PaError error = Pa_Initialize();
            if (error < 0) return portaudio_failure(error, "Pa_Initialize");
            if (initializations++ == 0) ++lists;
        }
        return {};
    }
    /// Nobody is told what Pa_Terminate answers: it has terminated all the same.
    void terminate(int down_to) noexcept {
        for (; initializations > down_to; --initializations) Pa_Terminate();
    }
};
inline Held held;

struct ForStream {};
struct Quiet {};
}  // namespace detail

/// A share of the initialised PortAudio library: Pa_Initialize now, Pa_Terminate at the end.
/// Any number may exist; PortAudio counts them. Each stream owns one. Any thread.
///
/// PortAudio makes its list of devices at the first one, and drops it with the last one:
/// Device::index stays what it is while one lives and nobody calls refresh_devices().
class Session {
public:
    /// Throws Error where PortAudio cannot start; then nothing is left to terminate.
    Session() : Session(false, false) {}
    /// The share of a stream that is open or about to be: refresh_devices() would end it.
    explicit Session(detail::ForStream) : Session(true, false) {}
    /// The share of who wants refresh_devices() to be silent.
    explicit Session(detail::Quiet) : Session(false, true) {}
    /// The same as a value.
    [[nodiscard]] static detail::Result<Session> start(detail::ForStream) {
        Session session{true, false, nullptr};
        if (const auto failure = session.begin()) return *failure;
        return session;
    }
    /// The share goes over; what is left holds none.
    Session(Session&& other) noexcept
        : initialized_(std::exchange(other.initialized_, false)),
          for_stream_(other.for_stream_),
          quiet_(other.quiet_) {}
    /// The share that was here is given back.
    Session& operator=(Session&& other) noexcept {
        Session old{std::move(other)};
        std::swap(initialized_, old.initialized_);
        std::swap(for_stream_, old.for_stream_);
        std::swap(quiet_, old.quiet_);
        return *this;
    }
    ~Session() {
        if (!initialized_) return;
        const auto lock = detail::control_lock();
        --detail::held.sessions;
        detail::held.streams -= for_stream_;
        detail::held.quiet -= quiet_;
        detail::held.terminate(detail::held.sessions);
        // All that was PortAudio's is gone.
        if (detail::held.sessions == 0) detail::held.unclosed = 0;
    }

private:
    Session(bool for_stream, bool quiet) : Session(for_stream, quiet, nullptr) {
        if (const auto failure = begin()) detail::raise(*failure);
    }
    Session(bool for_stream, bool quiet, std::nullptr_t) : for_stream_(for_stream), quiet_(quiet) {}

    [[nodiscard]] std::optional<Error> begin() {
        const auto lock = detail::control_lock();
        if (auto failure = detail::held.initialize(1)) return failure;
        ++detail::held.sessions;
        detail::held.streams += for_stream_;
        detail::held.quiet += quiet_;
        initialized_ = true;
        return {};
    }

    bool initialized_ = false;
    bool for_stream_;
    bool quiet_;
};

}  // namespace portspan
