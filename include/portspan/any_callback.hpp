// SPDX-License-Identifier: MIT
// Callbacks whose type is forgotten, so that one can take another's place.
#pragma once

#include <portaudio.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "control.hpp"
#include "error.hpp"
#include "failure_news.hpp"

namespace portspan::detail {

/// A callback that is bound to a stream; what it is made of goes with it.
class AnyBound {
public:
    AnyBound() = default;
    AnyBound(const AnyBound&) = delete;
    AnyBound& operator=(const AnyBound&) = delete;
    virtual ~AnyBound() = default;
    /// Audio thread. Throws what a callable throws.
    virtual int run(const RawBlock& raw) = 0;
};

template <class Bound>
class BoundAs final : public AnyBound {
public:
    BoundAs(Bound bound, Control* control)
        : bound_(std::move(bound)), control_(control), failures_(failures_of(bound_)) {
        failures_.begin();
    }

    int run(const RawBlock& raw) override {
        const int result = bound_(raw);
        // Whoever asks later may ask when the library is gone.
        if (result == paAbort && control_) [[unlikely]] {
            if (const char* text = failures_.take()) control_->fail(text);
        }
        return result;
    }

private:
    Bound bound_;
    Control* control_;
    FailureNews failures_;
};

/// A callback that no stream has yet.
class AnyCallback {
public:
    AnyCallback() = default;
    AnyCallback(const AnyCallback&) = delete;
    AnyCallback& operator=(const AnyCallback&) = delete;
    virtual ~AnyCallback() = default;
    /// For a stream; again for the next one. Throws Error where it does not fit, or can be had once
    /// only and is gone.
    [[nodiscard]] virtual std::unique_ptr<AnyBound> bound_to(const Context& context) = 0;
};

template <class In, class Out, class L, class Callback>
class CallbackAs final : public AnyCallback {
public:
    explicit CallbackAs(Callback callback) : callback_(std::move(callback)) {}

    std::unique_ptr<AnyBound> bound_to(const Context& context) override {
        auto bound = bind<In, Out, L>(take(), context);
        return std::make_unique<BoundAs<decltype(bound)>>(std::move(bound), context.control);
    }

private:
    Callback take() {
        if constexpr (std::is_copy_constructible_v<Callback>) {
            return *callback_;
        } else {
            if (!callback_) {
                throw Error(Fault::invalid_argument, "Slot",
                            "its callback cannot be copied and was another stream's already");
            }
            return *std::exchange(callback_, std::nullopt);
        }
    }

    std::optional<Callback> callback_;
};

}  // namespace portspan::detail
