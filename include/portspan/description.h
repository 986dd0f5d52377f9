/* SPDX-License-Identifier: MIT */
/* What a compiled callback says about itself, in a constant beside it: the callback `gain` has the
 * symbol `gain_portspan`. C99 and later, C++20, and any language that can lay out a C struct. For a
 * stereo gain, with the constants of portaudio.h:
 *
 *     PORTSPAN_DESCRIBE(gain, .input_format = paFloat32, .output_format = paFloat32,
 *                       .layout = PORTSPAN_INTERLEAVED, .input_channels = 2, .output_channels = 2);
 *
 * What is left out, and every 0, means: it does not say. */
#ifndef PORTSPAN_DESCRIPTION_H
#define PORTSPAN_DESCRIPTION_H

#include <stdint.h>

/** The version of portspan_description that this header has. */
#define PORTSPAN_ABI_VERSION 1

/** portspan_description::layout. */
enum {
    PORTSPAN_INTERLEAVED = 1, /**< frames one after the other */
    PORTSPAN_PLANAR = 2       /**< what PortAudio calls non-interleaved */
};

/** Instead of a number of channels. */
enum { PORTSPAN_NO_CHANNELS = -1 /**< it does not touch that side */ };

/** portspan_description::properties, or-ed. */
enum {
    PORTSPAN_IN_PLACE = 1,          /**< it may be called with input == output */
    PORTSPAN_NOT_IN_PLACE = 2,      /**< it must not be */
    PORTSPAN_NEEDS_STATE = 4,       /**< user data must not be NULL */
    PORTSPAN_NEEDS_INTERPRETER = 8, /**< it runs Python, or another interpreter */
    PORTSPAN_ALLOCATES = 16         /**< it takes memory from the system while it runs */
};

#if defined(__cplusplus)
#define PORTSPAN_ELSE(value) = value /* no compiler then warns of what is left out */
#else
#define PORTSPAN_ELSE(value)
#endif

/** What one callback says. 64 bytes on every platform. Later versions only use what is reserved,
 * and bits that have no meaning yet: whoever reads this looks at neither. */
struct portspan_description {
    uint32_t abi_version PORTSPAN_ELSE(PORTSPAN_ABI_VERSION); /**< PORTSPAN_ABI_VERSION */
    uint32_t size PORTSPAN_ELSE(64);                          /**< of this struct, bytes */
    uint32_t input_format PORTSPAN_ELSE(0);   /**< PortAudio's: paFloat32 1, paInt32 2, paInt24 4,
                                                 paInt16 8, paInt8 16, paUInt8 32 */
    uint32_t output_format PORTSPAN_ELSE(0);  /**< likewise */
    uint32_t layout PORTSPAN_ELSE(0);         /**< PORTSPAN_INTERLEAVED or PORTSPAN_PLANAR */
    uint32_t properties PORTSPAN_ELSE(0);     /**< PORTSPAN_IN_PLACE and the others, or-ed */
    int32_t input_channels PORTSPAN_ELSE(0);  /**< what it was written for */
    int32_t output_channels PORTSPAN_ELSE(0); /**< likewise */
    uint64_t state_size PORTSPAN_ELSE(0);     /**< of what user data points at, bytes */
    uint64_t state_hash PORTSPAN_ELSE(0);     /**< of its layout, see below */
    uint64_t largest_block PORTSPAN_ELSE(0);  /**< frames of one call */
    uint64_t reserved PORTSPAN_ELSE(0);       /**< 0 */
};
#undef PORTSPAN_ELSE

/** @var portspan_description::state_hash
 * The 64-bit FNV-1a hash of a text that spells out the struct behind user data, so
 * that every language comes to the same number: each member as name:type:offset; in the order of
 * the offsets, then size:bytes. Numbers are decimal, offsets and sizes in bytes, without blanks.
 *
 *     type     f4 f8 floating point, i1 i2 i4 i8 and u1 u2 u4 u8 integers, b1 bool,
 *              c8 c16 complex, p8 a pointer: a letter and the size
 *     array    the type of an element and its extents: f4[2][3]
 *     struct   its own text in braces, offsets counted from its beginning
 *
 * gain:f4:0;channels:i4:4;size:8 has the hash 0xa8208f2ae9ffbbe4, and
 * gain:f4:0;band:{f:f8:0;q:f4:8;on:b1:12;size:16}[2]:8;past:i2[4][2]:40;size:56
 * has 0x8a9b157ffeeb3604. What has other members (a union, bit fields) has no hash: 0.
 *
 * A library may have that text, so that a program can make a state of its own and set its fields by
 * name: the callback `gain` has it in the constant `gain_portspan_state`, ended by a zero, and what
 * a new state holds in `gain_portspan_initial`, as many bytes as the state has. Without the latter
 * a new state is one of zeros. */

/** Before a function or a constant that the library exports. */
#if defined(_WIN32)
#define PORTSPAN_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define PORTSPAN_EXPORT __attribute__((visibility("default")))
#else
#define PORTSPAN_EXPORT
#endif

/** Before the declaration of a description: C linkage, exported. */
#if defined(__cplusplus)
#define PORTSPAN_EXTERN extern "C" PORTSPAN_EXPORT
static_assert(sizeof(portspan_description) == 64, "an ABI that other languages rely on");
#else
#define PORTSPAN_EXTERN extern PORTSPAN_EXPORT
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
_Static_assert(sizeof(struct portspan_description) == 64, "an ABI that other languages rely on");
#endif
#endif

/** Describes the callback `name`; the rest are designated initializers in the order of the struct.
 */
#define PORTSPAN_DESCRIBE(name, ...)                                   \
    PORTSPAN_EXTERN const struct portspan_description name##_portspan; \
    const struct portspan_description name##_portspan = {              \
        .abi_version = PORTSPAN_ABI_VERSION,                           \
        .size = sizeof(struct portspan_description),                   \
        __VA_ARGS__}

/** Says beside the description what the state of the callback `name` is: its type, the text that
 * state_hash is of, and the initializers of a new one, which zeros need one of as well:
 *
 *     PORTSPAN_DESCRIBE_STATE(gain, struct gain, "gain:f4:0;channels:i4:4;size:8", .gain = 1);
 *
 * Whoever reads it compares the text with the description's state_size and state_hash. */
#define PORTSPAN_DESCRIBE_STATE(name, type, layout, ...)              \
    PORTSPAN_EXTERN const char name##_portspan_state[sizeof(layout)]; \
    const char name##_portspan_state[sizeof(layout)] = layout;        \
    PORTSPAN_EXTERN const type name##_portspan_initial;               \
    const type name##_portspan_initial = {__VA_ARGS__}

#endif
