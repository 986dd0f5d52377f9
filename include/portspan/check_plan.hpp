// SPDX-License-Identifier: MIT
// What check() runs: how the audio is cut into calls, and how much of it there is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "callback.hpp"
#include "check_report.hpp"
#include "check_words.hpp"
#include "error.hpp"

namespace portspan::detail {

/// The runs of one check; throws Error for options that make none.
class CheckPlan {
public:
    CheckPlan(const CheckOptions& options, bool has_input, bool has_output,
              const portspan_description* says)
        : frames_(options.frames),
          shape_{has_input ? options.input_channels : 0, has_output ? options.output_channels : 0} {
        if (!(options.sample_rate > 0)) refuse("the sample rate must be above 0");
        if (has_input && shape_.input_channels == 0) refuse("0 input channels");
        if (has_output && shape_.output_channels == 0) refuse("0 output channels");
        make_cuts(options.block_sizes, says ? static_cast<std::size_t>(says->largest_block) : 0);
    }

    [[nodiscard]] Shape shape() const noexcept { return shape_; }
    /// The usual one comes first; the last has all block sizes.
    [[nodiscard]] const std::vector<Cut>& cuts() const noexcept { return cuts_; }
    [[nodiscard]] const Cut& usual() const noexcept { return cuts_.front(); }

    /// Whole blocks: whoever asks for one size gets no other.
    [[nodiscard]] std::size_t frames_of(const Cut& cut) const {
        std::size_t frames = 0;
        for (std::size_t call = 0; frames < frames_ || call < cut.blocks.size(); ++call) {
            frames += cut.block(call);
        }
        return frames;
    }
    [[nodiscard]] std::size_t longest_run() const {
        std::size_t longest = 0;
        for (const Cut& cut : cuts_) longest = (std::max)(longest, frames_of(cut));
        return longest;
    }
    [[nodiscard]] std::size_t largest_block() const {
        return std::ranges::max(cuts_.back().blocks);
    }

private:
    [[noreturn]] static void refuse(const char* what) {
        raise(Error(Fault::invalid_argument, "check", what));
    }

    /// Each block size, then all in turn; `limit` is the largest block that the callback takes.
    void make_cuts(const std::vector<std::size_t>& asked, std::size_t limit) {
        std::vector<std::size_t> sizes;
        const auto add = [&](std::size_t size) {
            if (std::ranges::find(sizes, size) == sizes.end()) sizes.push_back(size);
        };
        for (const std::size_t size : asked) {
            if (size == 0) refuse("blocks of 0 frames");
            add(limit == 0 ? size : (std::min)(size, limit));
        }
        if (sizes.empty()) refuse("no block sizes");
        constexpr std::size_t too_much_to_try = 1u << 16;
        if (limit != 0 && limit <= too_much_to_try) add(limit);
        for (const std::size_t size : sizes) cuts_.push_back({{size}});
        if (sizes.size() > 1) cuts_.push_back({std::move(sizes)});
    }

    std::size_t frames_;
    Shape shape_;
    std::vector<Cut> cuts_;
};

}  // namespace portspan::detail
