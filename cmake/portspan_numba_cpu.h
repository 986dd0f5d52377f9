// SPDX-License-Identifier: MIT
// Whether this machine has what the callback was compiled for. A callback that meets an instruction
// which the machine lacks would end the whole process; instead, it ends its stream and says why.
// Part of portspan_numba_runtime.cpp.

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

// The text of the first feature that is missing, or NULL.
static const char* portspan_unfit = NULL;

struct portspan_feature {
    unsigned leaf, output, bit;  // of CPUID: 0 eax to 3 edx
    unsigned kept;  // the registers that the system has to keep for each thread: of XCR0
    const char* text;
};

#define PORTSPAN_FEATURE(name, leaf, output, bit, kept)                       \
    {leaf, output, bit, kept,                                                 \
     PORTSPAN_TEXT(PORTSPAN_CALLBACK) ": compiled for " PORTSPAN_CALLBACK_CPU \
                                      ", and this machine has no " name},

static const struct portspan_feature portspan_features[] = {
    PORTSPAN_CALLBACK_FEATURES(PORTSPAN_FEATURE)};

static void portspan_cpuid(unsigned leaf, unsigned* values) {
#if defined(_MSC_VER)
    __cpuidex((int*)values, (int)leaf, 0);
#else
    __cpuid_count(leaf, 0, values[0], values[1], values[2], values[3]);
#endif
}

static unsigned portspan_kept(void) {
    unsigned values[4];
    portspan_cpuid(1, values);
    if ((values[2] >> 27 & 1) == 0) return 0;
#if defined(_MSC_VER)
    return (unsigned)_xgetbv(0);
#else
    {
        unsigned low, high;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        return low;
    }
#endif
}

static const char* portspan_find_unfit(void) {
    const unsigned kept = portspan_kept();
    size_t i;
    for (i = 0; i < sizeof portspan_features / sizeof *portspan_features; ++i) {
        const struct portspan_feature* feature = &portspan_features[i];
        unsigned values[4];
        portspan_cpuid(feature->leaf & 0x80000000u, values);
        if (values[0] < feature->leaf) return feature->text;
        portspan_cpuid(feature->leaf, values);
        if ((values[feature->output] >> feature->bit & 1) == 0 ||
            (kept & feature->kept) != feature->kept)
            return feature->text;
    }
    return NULL;
}
