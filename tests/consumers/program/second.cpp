// SPDX-License-Identifier: MIT
// The second translation unit with the same headers: they are header-only for any number of them.
#include <portspan/portspan.hpp>
#if __has_include(<pa_linux_alsa.h>)
#include <portspan/host/alsa.hpp>
#endif

const std::error_category* category_of_the_other_unit() { return &portspan::portspan_category(); }

bool opens_a_stream() {
    portspan::Stream<float> stream{[](auto& block) noexcept { block.in_place(); }};
    stream.start();
    return stream.active();
}
