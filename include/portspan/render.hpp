// SPDX-License-Identifier: MIT
// One call that runs a callback over two views.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "renderer.hpp"

namespace portspan {

namespace detail {
template <class View>
struct ViewTraits {
    static_assert(
        sizeof(View) == 0,
        "render() takes views: InterleavedView{samples, channels}, a PlanarView, NoView{}");
};
template <>
struct ViewTraits<NoView> {
    using sample = void;
    using layout = void;
    static std::size_t channels(NoView) { return 0; }
};
template <Sample T, std::size_t N>
struct ViewTraits<InterleavedView<T, N>> {
    using sample = std::remove_const_t<T>;
    using layout = Interleaved;
    static std::size_t channels(const InterleavedView<T, N>& view) { return view.channels(); }
};
template <Sample T, std::size_t N>
struct ViewTraits<PlanarView<T, N>> {
    using sample = std::remove_const_t<T>;
    using layout = Planar;
    static std::size_t channels(const PlanarView<T, N>& view) { return view.channels(); }
};

template <class InView, class OutView>
using RendererFor = Renderer<
    typename ViewTraits<InView>::sample, typename ViewTraits<OutView>::sample,
    std::conditional_t<std::is_same_v<InView, NoView>, typename ViewTraits<OutView>::layout,
                       typename ViewTraits<InView>::layout>>;

/// A callable with a name keeps its name: a test looks at what it counted. Others are copied.
template <class Callback>
auto named(Callback&& callback) {
    using C = std::remove_reference_t<Callback>;
    constexpr bool nullable = requires(C c) { c == nullptr; };
    if constexpr (std::is_lvalue_reference_v<Callback> && std::is_class_v<C> &&
                  !std::is_const_v<C> && !ForeignFunction<C> && !is_adaptor<C> && !nullable) {
        return std::ref(callback);
    } else {
        return std::forward<Callback>(callback);
    }
}
}  // namespace detail

/// One go of a Renderer over two views of the same length, NoView{} for a direction that is not
/// there. Sample types, layout and channel counts are the views'; those in `config` are not read.
/// A callable that is a variable is used, not copied, so that its state can be looked at
/// afterwards.
template <class InView, class OutView, class... Callback>
Rendered render(InView input, OutView output, RenderConfig config, Callback&&... callback) {
    config.input_channels = detail::ViewTraits<InView>::channels(input);
    config.output_channels = detail::ViewTraits<OutView>::channels(output);
    detail::RendererFor<InView, OutView> renderer{
        config, detail::named(std::forward<Callback>(callback))...};
    return renderer.process(input, output);
}

/// The same with a RenderConfig of defaults.
template <class InView, class OutView, class Callback, class... State>
    requires(!std::is_convertible_v<Callback, RenderConfig>)
Rendered render(InView input, OutView output, Callback&& callback, State... state) {
    return render(input, output, RenderConfig{}, std::forward<Callback>(callback), state...);
}

}  // namespace portspan
