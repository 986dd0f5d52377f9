// SPDX-License-Identifier: MIT
// What every function of the mock does around its own work: the lock, ordered failures, the log.
#pragma once

#include <type_traits>

#include "engine.hpp"

namespace portspan::mock {

inline Engine& engine() { return Engine::instance(); }

/// One call: an ordered failure, or what `f(lock)` answers; either way it is in the log.
template <class F>
auto answer(const char* function, F&& f) {
    Engine::Lock lock{engine().mutex};
    using Result = decltype(f(lock));
    constexpr bool is_code = std::is_integral_v<Result>;
    if (const auto code = engine().ordered(lock, function)) {
        engine().log(function, *code);
        if constexpr (is_code) {
            return static_cast<Result>(*code);
        } else {
            return Result{};
        }
    }
    const Result result = f(lock);
    if constexpr (is_code) {
        engine().log(function, static_cast<long>(result));
    } else {
        engine().log(function, 0);
    }
    return result;
}

/// A question about what Pa_Initialize has found: `f(found)`.
template <class F>
int answer_initialized(const char* function, F&& f) {
    return answer(function, [&](Engine::Lock&) -> int {
        return engine().is_initialized() ? f(engine().found()) : int{paNotInitialized};
    });
}

/// A call on a stream; a device that is gone fails all of them where the script wants that.
template <class F>
PaError answer_stream(const char* function, PaStream* handle, F&& f) {
    return answer(function, [&](Engine::Lock& lock) -> PaError {
        if (!engine().is_initialized()) return paNotInitialized;
        Stream* stream = engine().find(handle);
        if (!stream) return paBadStreamPtr;
        if (stream->lost == Loss::error) return paUnanticipatedHostError;
        return f(lock, *stream);
    });
}

}  // namespace portspan::mock
