// SPDX-License-Identifier: MIT
// How often which time was taken: counted by one thread, read by any other.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace portspan {

/// Some times in order. All 0 where there was none.
struct Distribution {
    std::chrono::nanoseconds minimum{0};  ///< none was shorter
    /// At most 1/16 above the true one, as the next two; of times of 18 minutes (2^40 ns) or more
    /// the maximum.
    std::chrono::nanoseconds median{0};
    std::chrono::nanoseconds percentile_99{0};    ///< 99 % are not above it
    std::chrono::nanoseconds percentile_99_9{0};  ///< 99.9 % are not above it
    std::chrono::nanoseconds maximum{0};          ///< none was longer
};

/// A number of times up to a limit. One bar has all of 18 minutes (2^40 ns) or more.
struct HistogramBar {
    std::chrono::nanoseconds up_to;  ///< the next lower bar's limit is below all of them
    std::uint64_t count;             ///< how many
};

namespace detail {

// One thread writes all of these and needs no read-modify-write; release and acquire, so that a
// reader who sees a part of a change sees its version, too.
template <class T>
T seen(const std::atomic<T>& value) noexcept {
    return value.load(std::memory_order_acquire);
}
template <class T>
void put(std::atomic<T>& value, T next) noexcept {
    value.store(next, std::memory_order_release);
}
template <class T>
void add(std::atomic<T>& value, T more) noexcept {
    put(value, static_cast<T>(value.load(std::memory_order_relaxed) + more));
}
template <class T>
void raise(std::atomic<T>& value, T to) noexcept {
    if (to > value.load(std::memory_order_relaxed)) put(value, to);
}
template <class T>
void lower(std::atomic<T>& value, T to) noexcept {
    if (to < value.load(std::memory_order_relaxed)) put(value, to);
}

/// Sixteen bars an octave, each time exact to 1/16, and one for all that is longer: fixed memory,
/// no search.
class Histogram {
    static constexpr unsigned bits = 4;
    static constexpr std::uint64_t bars_an_octave = 1u << bits;
    static constexpr unsigned longest_bits = 40;  // 18 minutes, in nanoseconds
    static constexpr std::size_t bars = (longest_bits - bits + 1) * bars_an_octave + 1;

public:
    /// What a reader gets at once.
    struct Copy {
        std::array<std::uint64_t, bars> counts;
        std::uint64_t minimum;
        std::uint64_t maximum;

        [[nodiscard]] std::uint64_t count() const noexcept {
            std::uint64_t count = 0;
            for (const std::uint64_t bar : counts) count += bar;
            return count;
        }
        [[nodiscard]] Distribution distribution() const noexcept {
            const std::uint64_t all = count();
            if (all == 0) return {};
            return {.minimum = time(minimum),
                    .median = time(percentile(all, 0.5)),
                    .percentile_99 = time(percentile(all, 0.99)),
                    .percentile_99_9 = time(percentile(all, 0.999)),
                    .maximum = time(maximum)};
        }
        /// Calls `f(HistogramBar)` for each bar that counts something, from the shortest time on.
        template <class F>
        void for_each_bar(F f) const {
            for (std::size_t bar = 0; bar < bars; ++bar) {
                if (counts[bar] != 0) f(HistogramBar{time(limit(bar)), counts[bar]});
            }
        }

    private:
        static std::chrono::nanoseconds time(std::uint64_t nanoseconds) noexcept {
            return std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)};
        }
        /// The last bar has no end of its own.
        [[nodiscard]] std::uint64_t limit(std::size_t bar) const noexcept {
            return bar == bars - 1 ? maximum : last_of(bar);
        }
        [[nodiscard]] std::uint64_t percentile(std::uint64_t all, double share) const noexcept {
            const double wanted = share * static_cast<double>(all);
            std::uint64_t so_far = 0;
            for (std::size_t bar = 0; bar < bars; ++bar) {
                so_far += counts[bar];
                if (static_cast<double>(so_far) >= wanted) {
                    return std::clamp(limit(bar), minimum, maximum);
                }
            }
            return maximum;
        }
    };

    // The one thread that writes.

    void count(std::uint64_t nanoseconds) noexcept {
        add(counts_[bar_of(nanoseconds)], std::uint64_t{1});
        lower(minimum_, nanoseconds);
        raise(maximum_, nanoseconds);
    }
    void clear() noexcept {
        for (auto& count : counts_) put(count, std::uint64_t{0});
        put(minimum_, none);
        put(maximum_, std::uint64_t{0});
    }

    // Any thread.

    void copy_to(Copy& copy) const noexcept {
        for (std::size_t bar = 0; bar < bars; ++bar) copy.counts[bar] = seen(counts_[bar]);
        copy.minimum = seen(minimum_);
        copy.maximum = seen(maximum_);
    }

private:
    static constexpr std::uint64_t none = (std::numeric_limits<std::uint64_t>::max)();

    static std::size_t bar_of(std::uint64_t nanoseconds) noexcept {
        if (nanoseconds < bars_an_octave) return nanoseconds;
        const auto octave = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1 - bits;
        const std::size_t bar =
            (octave + 1) * bars_an_octave + ((nanoseconds >> octave) & (bars_an_octave - 1));
        return (std::min)(bar, bars - 1);
    }
    /// The longest time of a bar.
    static std::uint64_t last_of(std::size_t bar) noexcept {
        if (bar < bars_an_octave) return bar;
        const std::size_t octave = bar / bars_an_octave - 1;
        return ((bars_an_octave + bar % bars_an_octave + 1) << octave) - 1;
    }

    std::array<std::atomic<std::uint64_t>, bars> counts_{};
    std::atomic<std::uint64_t> minimum_{none};
    std::atomic<std::uint64_t> maximum_{0};
};

}  // namespace detail

}  // namespace portspan
