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

#if defined(__x86_64__) || defined(_M_X64)
/// The control word of x87; 0 where the compiler does not let it be read.
struct X87Control {
#if defined(__GNUC__)
    static std::uint16_t get() noexcept {
        std::uint16_t word;
        __asm__ __volatile__("fnstcw %0" : "=m"(word));
        return word;
    }
    static void set(std::uint16_t word) noexcept {
        if (word != get()) __asm__ __volatile__("fldcw %0" : : "m"(word));
    }
#else
    static std::uint16_t get() noexcept { return 0; }
    static void set(std::uint16_t) noexcept {}
#endif
};
#endif

/// The control word of the calling thread: AArch64's FPCR; x86's MXCSR without the exceptions that
/// it remembers, and above it the control word of x87, which long double is calculated by.
struct FloatControl {
#if defined(__x86_64__) || defined(_M_X64)
    using Word = std::uint64_t;
    static constexpr Word flush_results = 1u << 15;  ///< FTZ: denormal results become 0
    static constexpr Word flush_operands = 1u << 6;  ///< DAZ: denormal operands count as 0
    static constexpr Word rounding = 3u << 13 | Word{3u << 10} << 32;

    static constexpr std::uint32_t exceptions = 0x3f;  ///< that MXCSR remembers

    static Word get() noexcept {
        return (_mm_getcsr() & ~exceptions) | Word{X87Control::get()} << 32;
    }
    static void set(Word word) noexcept {
        _mm_setcsr((_mm_getcsr() & exceptions) | static_cast<std::uint32_t>(word));
        X87Control::set(static_cast<std::uint16_t>(word >> 32));
    }
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
