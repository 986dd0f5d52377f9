/* SPDX-License-Identifier: MIT */
/* What a compiled callback says about itself, in a constant beside it: the callback `gain` has the
 * symbol `gain_portspan`. C, C++, and any language that can lay out a C struct. For a stereo gain:
 *
 *     PORTSPAN_DESCRIBE(gain, .input_format = paFloat32, .output_format = paFloat32,
 *                       .layout = PORTSPAN_INTERLEAVED, .input_channels = 2, .output_channels = 2);
 *
 * What is left out, and every 0, means: it does not say. */
#ifndef PORTSPAN_DESCRIPTION_H
#define PORTSPAN_DESCRIPTION_H

#include <stdint.h>

#define PORTSPAN_ABI_VERSION 1

enum {
    PORTSPAN_INTERLEAVED = 1,
    PORTSPAN_PLANAR = 2 /* what PortAudio calls non-interleaved */
};

/* Instead of a number of channels: it does not touch that side. */
enum { PORTSPAN_NO_CHANNELS = -1 };

enum {
    PORTSPAN_IN_PLACE = 1,          /* it may be called with input == output */
    PORTSPAN_NOT_IN_PLACE = 2,      /* it must not be */
    PORTSPAN_NEEDS_STATE = 4,       /* user data must not be NULL */
    PORTSPAN_NEEDS_INTERPRETER = 8, /* it runs Python, or another interpreter */
    PORTSPAN_ALLOCATES = 16         /* it takes memory from the system while it runs */
};

/* 64 bytes on every platform. Later versions only use what is reserved. */
struct portspan_description {
    uint32_t abi_version;   /* PORTSPAN_ABI_VERSION */
    uint32_t size;          /* of this struct, bytes */
    uint32_t input_format;  /* PortAudio's: paFloat32 1, paInt32 2, paInt24 4, paInt16 8, ... */
    uint32_t output_format; /* likewise */
    uint32_t layout;        /* PORTSPAN_INTERLEAVED or PORTSPAN_PLANAR */
    uint32_t properties;    /* PORTSPAN_IN_PLACE and the others, or-ed */
    int32_t input_channels; /* what it was written for */
    int32_t output_channels;
    uint64_t state_size;    /* of what user data points at, bytes */
    uint64_t state_hash;    /* of its layout, the same wherever the same layout is described */
    uint64_t largest_block; /* frames of one call */
    uint64_t reserved;      /* 0 */
};

#if defined(_WIN32)
#define PORTSPAN_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define PORTSPAN_EXPORT __attribute__((visibility("default"), used))
#else
#define PORTSPAN_EXPORT
#endif

/* Describes the callback `name`; the rest are designated initializers in the order of the struct.
 */
#if defined(__cplusplus)
#define PORTSPAN_DESCRIBE(name, ...)                                              \
    extern "C" PORTSPAN_EXPORT const struct portspan_description name##_portspan; \
    extern "C" const struct portspan_description name##_portspan = {              \
        .abi_version = PORTSPAN_ABI_VERSION,                                      \
        .size = sizeof(struct portspan_description),                              \
        __VA_ARGS__}
#else
#define PORTSPAN_DESCRIBE(name, ...)                                          \
    PORTSPAN_EXPORT extern const struct portspan_description name##_portspan; \
    const struct portspan_description name##_portspan = {                     \
        .abi_version = PORTSPAN_ABI_VERSION,                                  \
        .size = sizeof(struct portspan_description),                          \
        __VA_ARGS__}
#endif

#endif
