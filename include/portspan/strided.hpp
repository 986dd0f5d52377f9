// SPDX-License-Identifier: MIT
// One channel of interleaved audio as a range.
#pragma once

#include <cassert>
#include <compare>
#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>

namespace portspan {

/// Every `step`-th sample of a buffer: one channel of interleaved audio. A random-access range.
template <class T>
class StridedSpan {
public:
    /// A random-access iterator; no contiguous one.
    class iterator {
    public:
        using iterator_concept = std::random_access_iterator_tag;
        using iterator_category = std::random_access_iterator_tag;
        using value_type = std::remove_const_t<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = T*;
        using reference = T&;

        constexpr iterator() = default;
        // An index beside the base: stepping a pointer past the last frame would leave the buffer.
        constexpr iterator(T* first, difference_type step, difference_type index) noexcept
            : first_(first), step_(step), index_(index) {}

        constexpr T& operator*() const noexcept { return first_[index_ * step_]; }
        constexpr T* operator->() const noexcept { return &**this; }
        constexpr T& operator[](difference_type n) const noexcept { return *(*this + n); }

        constexpr iterator& operator+=(difference_type n) noexcept { return index_ += n, *this; }
        constexpr iterator& operator-=(difference_type n) noexcept { return index_ -= n, *this; }
        constexpr iterator& operator++() noexcept { return *this += 1; }
        constexpr iterator& operator--() noexcept { return *this -= 1; }
        constexpr iterator operator++(int) noexcept {
            iterator old = *this;
            return ++*this, old;
        }
        constexpr iterator operator--(int) noexcept {
            iterator old = *this;
            return --*this, old;
        }
        friend constexpr iterator operator+(iterator i, difference_type n) noexcept {
            return i += n;
        }
        friend constexpr iterator operator+(difference_type n, iterator i) noexcept {
            return i += n;
        }
        friend constexpr iterator operator-(iterator i, difference_type n) noexcept {
            return i -= n;
        }
        friend constexpr difference_type operator-(iterator a, iterator b) noexcept {
            return a.index_ - b.index_;
        }
        friend constexpr bool operator==(iterator a, iterator b) noexcept {
            return a.index_ == b.index_;
        }
        friend constexpr auto operator<=>(iterator a, iterator b) noexcept {
            return a.index_ <=> b.index_;
        }

    private:
        T* first_ = nullptr;
        difference_type step_ = 0;
        difference_type index_ = 0;
    };

    constexpr StridedSpan() = default;
    /// `size` samples, the first at `first`, each `step` samples behind the one before.
    constexpr StridedSpan(T* first, std::size_t size, std::size_t step) noexcept
        : first_(first), size_(size), step_(step) {}

    /// Samples: the frames of the view that it is a channel of.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    /// No samples.
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    /// At the first sample.
    [[nodiscard]] constexpr iterator begin() const noexcept { return at(0); }
    /// Behind the last sample.
    [[nodiscard]] constexpr iterator end() const noexcept { return at(size_); }
    /// The first sample; there has to be one.
    [[nodiscard]] constexpr T& front() const noexcept { return (*this)[0]; }
    /// The last sample; there has to be one.
    [[nodiscard]] constexpr T& back() const noexcept { return (*this)[size_ - 1]; }
    /// The sample of that frame, below size().
    [[nodiscard]] constexpr T& operator[](std::size_t frame) const noexcept {
        assert(frame < size_);
        return first_[frame * step_];
    }

private:
    constexpr iterator at(std::size_t index) const noexcept {
        return {first_, static_cast<std::ptrdiff_t>(step_), static_cast<std::ptrdiff_t>(index)};
    }

    T* first_ = nullptr;
    std::size_t size_ = 0;
    std::size_t step_ = 0;
};

}  // namespace portspan

template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<portspan::StridedSpan<T>> = true;
template <class T>
inline constexpr bool std::ranges::enable_view<portspan::StridedSpan<T>> = true;
