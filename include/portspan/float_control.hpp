// SPDX-License-Identifier: MIT
// How this thread's processor calculates with floating point: rounding, and what it does with
// numbers too small for full precision.
#pragma once

#include <atomic>
#include <cfenv>
#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#elif defined(_M_ARM64)
#include <intrin.h>
#endif

namespace portspan::detail {

/// The control word of the calling thread: x86's MXCSR without the exceptions that it remembers,
/// AArch64's FPCR.
struct FloatControl {
#if defined(__x86_64__) || defined(_M_X64)
    using Word = std::uint32_t;
    static constexpr Word flush_results = 1u << 15;  ///< FTZ: denormal results become 0
    static constexpr Word flush_operands = 1u << 6;  ///< DAZ: denormal operands count as 0
    static constexpr Word rounding = 3u << 13;

    static Word get() noexcept { return _mm_getcsr() & ~exceptions; }
    static void set(Word word) noexcept { _mm_setcsr((_mm_getcsr() & exceptions) | word); }

private:
    static constexpr Word exceptions = 0x3f;

public:
#elif defined(__aarch64__) || defined(_M_ARM64)
    using Word = std::uint64_t;
    static constexpr Word flush_results = 1u << 24;  // FZ is for results and operands
    static constexpr Word flush_operands = flush_results;
    static constexpr Word rounding = 3u << 22;

#if defined(_M_ARM64)
    static Word get() noexcept { return static_cast<Word>(_ReadStatusReg(ARM64_FPCR)); }
    static void set(Word word) noexcept {
        _WriteStatusReg(ARM64_FPCR, static_cast<std::int64_t>(word));
    }
#else
    static Word get() noexcept {
        Word word;
        __asm__ __volatile__("mrs %0, fpcr" : "=r"(word));
        return word;
    }
    // "memory": calculations whose results are stored stay on their side of the change.
    static void set(Word word) noexcept {
        __asm__ __volatile__("msr fpcr, %0" : : "r"(word) : "memory");
    }
#endif
#else
    // Elsewhere rounding is all that standard C++ knows.
    using Word = std::uint32_t;
    static constexpr Word flush_results = 0;
    static constexpr Word flush_operands = 0;
    static constexpr Word rounding = ~Word{0};
    static Word get() noexcept { return static_cast<Word>(std::fegetround()); }
    static void set(Word word) noexcept { std::fesetround(static_cast<int>(word)); }
#endif

    static constexpr Word flush = flush_results | flush_operands;
};

/// Denormal numbers are 0 as long as it lives; then the control word is what it was.
class FlushingDenormals {
public:
    // The fences keep a callback that is inlined from calculating outside.
    FlushingDenormals() noexcept {
        FloatControl::set(before_ | FloatControl::flush);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    ~FlushingDenormals() {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        FloatControl::set(before_);
    }
    FlushingDenormals(const FlushingDenormals&) = delete;
    FlushingDenormals& operator=(const FlushingDenormals&) = delete;

private:
    FloatControl::Word before_ = FloatControl::get();
};

}  // namespace portspan::detail
