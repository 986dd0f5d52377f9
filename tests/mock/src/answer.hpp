// SPDX-License-Identifier: MIT
// What every function of the mock does around its own work: the lock, ordered failures, the log.
#pragma once

#include <type_traits>

#include "engine.hpp"

namespace portspan::mock {

inline Engine& engine() { return Engine::instance(); }

/// One call, with what `f(lock, code)` answers in the log; `code` is an ordered failure.
template <class F>
auto answer_ordered(const char* function, F&& f) {
    Lock lock = engine().gate.lock();
    const auto code = engine().ordered(lock, function);
    const auto result = f(lock, code);
    if constexpr (std::is_integral_v<decltype(result)>) {
        engine().log(function, static_cast<long>(result));
    } else {
        engine().log(function, code.value_or(0));
    }
    return result;
}

/// One call: an ordered failure, or what `f(lock)` answers.
template <class F>
auto answer(const char* function, F&& f) {
    return answer_ordered(function, [&](Lock& lock, std::optional<PaError> code) {
        using Result = decltype(f(lock));
        if (!code) return f(lock);
        if constexpr (std::is_integral_v<Result>) {
            return static_cast<Result>(*code);
        } else {
            return Result{};
        }
    });
}

/// A question about what Pa_Initialize has found: `f(found)`.
template <class F>
int answer_initialized(const char* function, F&& f) {
    return answer(function, [&](Lock&) -> int {
        return engine().is_initialized() ? f(engine().found()) : int{paNotInitialized};
    });
}

/// A call on a stream; a device that is gone fails all of them where the script wants that.
template <class F>
PaError answer_stream(const char* function, PaStream* handle, F&& f) {
    return answer(function, [&](Lock& lock) -> PaError {
        if (!engine().is_initialized()) return paNotInitialized;
        Stream* stream = engine().find(handle);
        if (!stream) return paBadStreamPtr;
        if (stream->lost == Loss::error) return paUnanticipatedHostError;
        return f(lock, *stream);
    });
}

}  // namespace portspan::mock
