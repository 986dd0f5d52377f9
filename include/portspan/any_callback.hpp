// SPDX-License-Identifier: MIT
// Callbacks whose type is forgotten, so that one can take another's place.
#pragma once

#include <portaudio.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_stage.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "error.hpp"

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
    explicit BoundAs(Bound bound) : bound_(std::move(bound)) {}
    int run(const RawBlock& raw) override { return bound_(raw); }

private:
    Bound bound_;
};

inline bool is_null(const RawCallback& callback) noexcept { return callback.function == nullptr; }
template <class F>
bool is_null(const Foreign<F>& callback) noexcept {
    return callback.function == nullptr;
}
template <class Callback>
bool is_null(const Callback& callback) noexcept {
    if constexpr (requires { callback == nullptr; }) return callback == nullptr;
    return false;
}

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
    /// False where it can be had no more.
    [[nodiscard]] virtual bool is_there() const noexcept = 0;
};

template <class In, class Out, class L, class Callback>
class CallbackAs final : public AnyCallback {
public:
    /// Throws Error where there is nothing to call; one in an adaptor is seen in bound_to().
    explicit CallbackAs(Callback callback) : callback_(std::move(callback)) {
        refuse_null(is_null(*callback_));
    }

    std::unique_ptr<AnyBound> bound_to(const Context& context) override {
        // A stage: who asks later what its library says may ask when that is gone.
        auto bound = bind_stage<In, Out, L>(take(), context);
        return std::make_unique<BoundAs<decltype(bound)>>(std::move(bound));
    }
    bool is_there() const noexcept override { return callback_.has_value(); }

private:
    Callback take() {
        if constexpr (std::is_copy_constructible_v<Callback>) {
            return *callback_;
        } else {
            if (!callback_) {
                raise(Error(Fault::invalid_argument, "Slot",
                            "its callback cannot be copied, and was bound to a stream already"));
            }
            return *std::exchange(callback_, std::nullopt);
        }
    }

    std::optional<Callback> callback_;
};

}  // namespace portspan::detail
