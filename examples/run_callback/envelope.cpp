// SPDX-License-Identifier: MIT
// What a waveform looks like from afar, however long it is, and how loud it is.
#include "envelope.hpp"

namespace run_callback {

void Envelope::append(const Extent& part, std::size_t frames) noexcept {
    stretches_[used_].add(part);
    total_.add(part);
    frames_ += frames;
    filled_ += frames;
    if (filled_ < stretch_) return;
    filled_ = 0;
    if (++used_ < capacity) return;

    for (std::size_t i = 0; i < capacity / 2; ++i) {
        stretches_[i] = stretches_[2 * i];
        stretches_[i].add(stretches_[2 * i + 1]);
    }
    std::fill(stretches_.begin() + capacity / 2, stretches_.end(), Extent{});
    used_ = capacity / 2;
    stretch_ *= 2;
}

Extent Envelope::between(double first, double last) const noexcept {
    const std::size_t count = used_ + (filled_ > 0 ? 1 : 0);
    Extent result;
    if (count == 0) return result;
    const auto index = [&](double frame) {
        return static_cast<std::size_t>(std::max(frame, 0.0) / static_cast<double>(stretch_));
    };
    const std::size_t begin = std::min(index(first), count - 1);
    const std::size_t end = std::clamp(index(last), begin + 1, count);
    for (std::size_t i = begin; i < end; ++i) result.add(stretches_[i]);
    return result;
}

}  // namespace run_callback
