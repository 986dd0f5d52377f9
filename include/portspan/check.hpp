// SPDX-License-Identifier: MIT
// Whether a callback behaves, before the audio thread finds out.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "check_findings.hpp"
#include "check_report.hpp"

namespace portspan {

/// Runs a callback that a Stream<In, Out, Layout> takes over buffers with guards around them: in
/// several block sizes, twice from the same state, in place, on this thread. Finds what
/// Observation lists; compares what the callback says about itself. A crash is a crash and a
/// callback that hangs hangs: `run_callback --check` does this in a process of its own.
///
///     const auto report = portspan::check<float>(&reverb, &state);
///     INFO(report.text());
///     CHECK(report.ok());
///
/// The state is put back before each run and in the end; a C++ callable is copied for each run.
/// Throws Error for a callback that a stream would refuse, a sample rate, channel counts, block
/// sizes of 0.
template <class In, class Out = In, Layout L = Interleaved, class Callback>
[[nodiscard]] CheckReport check(Callback callback, const CheckOptions& options = {}) {
    return detail::Checker<In, Out, L, Callback>{std::move(callback), options}.run();
}

/// A function and its state, which is put back where it is of a class that can be copied: one
/// object, not the first of several.
template <class In, class Out = In, Layout L = Interleaved, detail::ForeignFunction F, class State>
    requires(std::is_pointer_v<State> || std::is_null_pointer_v<State>)
[[nodiscard]] CheckReport check(const F& function, State state, CheckOptions options = {}) {
    using Object = std::remove_pointer_t<State>;
    if constexpr (std::is_class_v<Object> && !std::is_const_v<Object> &&
                  requires { sizeof(Object); }) {
        if (state && options.state.empty() && !options.restore) {
            if constexpr (std::is_trivially_copyable_v<Object>) {
                options.state = std::as_writable_bytes(std::span<Object, 1>{state, 1});
            } else if constexpr (std::copyable<Object>) {
                options.restore = [state, saved = *state] { *state = saved; };
            }
        }
    }
    return check<In, Out, L>(detail::foreign(function, state), options);
}

}  // namespace portspan
