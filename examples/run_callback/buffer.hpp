// SPDX-License-Identifier: MIT
// Memory for the views of portspan, in either layout.
#pragma once

#include <algorithm>
#include <cstddef>
#include <portspan/view.hpp>
#include <type_traits>
#include <vector>

namespace run_callback {

/// `frames` frames of silence.
template <class T, class Layout>
class Buffer {
public:
    using View = typename Layout::template View<T>;

    Buffer() : Buffer(0, 0) {}
    Buffer(std::size_t frames, std::size_t channels)
        : frames_(frames), channels_(channels), samples_(frames * channels, portspan::silence<T>) {
        if constexpr (std::is_same_v<Layout, portspan::Planar>) {
            for (std::size_t c = 0; c < channels; ++c)
                planes_.push_back(samples_.data() + c * frames);
        }
    }
    // Moving keeps the samples where they are, and so the pointers to the planes right.
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer&&) noexcept = default;

    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }

    [[nodiscard]] View view() noexcept {
        if constexpr (std::is_same_v<Layout, portspan::Planar>) {
            return View{planes_.data(), frames_, channels_};
        } else {
            return View{samples_.data(), frames_, channels_};
        }
    }

private:
    std::size_t frames_;
    std::size_t channels_;
    std::vector<T> samples_;
    std::vector<T*> planes_;
};

}  // namespace run_callback
