// SPDX-License-Identifier: MIT
// A callback for a stream that another one can take the place of.
#pragma once

#include <cstddef>
#include <functional>
#include <portspan/callback.hpp>
#include <portspan/prepare.hpp>
#include <portspan/slot.hpp>
#include <type_traits>

namespace run_callback {

struct Swappable {
    portspan::RawCallback raw;
    /// Returns when the old one is not called any more; throws portspan::Error where the new one
    /// does not fit.
    std::function<void(const portspan::RawCallback&)> exchange;
};

/// A portspan::Slot with `first` in it, for whoever calls raw, from now on until nobody does.
template <class T, class L>
Swappable swappable(const portspan::RawCallback& first, const portspan::detail::Context& context,
                    std::size_t fade_frames) {
    const auto make = [&]<class In, class Out>(std::type_identity<In>, std::type_identity<Out>) {
        portspan::Slot<In, Out, L> slot{first};
        portspan::detail::Prepared prepared = portspan::detail::prepare<In, Out, L>(slot, context);
        prepared.control->reset();  // it runs
        return Swappable{prepared.callback,
                         [slot, fade_frames](const portspan::RawCallback& next) mutable {
                             slot.exchange(next, {.frames = fade_frames});
                         }};
    };
    constexpr std::type_identity<T> samples;
    constexpr std::type_identity<void> none;
    if (context.shape.input_channels == 0) return make(none, samples);
    if (context.shape.output_channels == 0) return make(samples, none);
    return make(samples, samples);
}

}  // namespace run_callback
