// SPDX-License-Identifier: MIT
// Memory for the views of portspan, in either layout.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
        : frames_(frames),
          channels_(channels),
          rows_(planar ? channels : 1,
                std::vector<T>(frames * row_channels(), portspan::silence<T>)) {
        find_planes();
    }
    // Moving keeps the samples where they are, and so the pointers to the planes right.
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer&&) noexcept = default;

    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }

    [[nodiscard]] View view() noexcept {
        if constexpr (planar) {
            return View{planes_.data(), frames_, channels_};
        } else {
            return View{rows_.front().data(), frames_, channels_};
        }
    }

    /// More frames behind those that are there; views of before are void. No room is made beyond
    /// `expected` frames in all, nor beyond twice as many as there are.
    void append(View more, std::uint64_t expected) {
        const std::size_t frames = frames_ + more.frames();
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            std::vector<T>& row = rows_[r];
            const std::size_t size = frames * row_channels();
            if (size > row.capacity()) {
                const std::uint64_t room = std::min<std::uint64_t>(2 * frames, expected);
                row.reserve(std::max(frames, static_cast<std::size_t>(room)) * row_channels());
            }
            const T* from = nullptr;
            if constexpr (planar) {
                from = more.channel(r).data();
            } else {
                from = more.data();
            }
            row.insert(row.end(), from, from + more.frames() * row_channels());
        }
        frames_ = frames;
        find_planes();
    }

private:
    static constexpr bool planar = std::is_same_v<Layout, portspan::Planar>;
    [[nodiscard]] std::size_t row_channels() const noexcept { return planar ? 1 : channels_; }

    void find_planes() {
        planes_.clear();
        if constexpr (planar) {
            for (std::vector<T>& row : rows_) planes_.push_back(row.data());
        }
    }

    std::size_t frames_;
    std::size_t channels_;
    std::vector<std::vector<T>> rows_;  // the channels, or one of all
    std::vector<T*> planes_;
};

}  // namespace run_callback
