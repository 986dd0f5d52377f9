// SPDX-License-Identifier: MIT
// Blocks and views: what is not there cannot be touched, what is only read cannot be written.
#include <cstdint>
#include <portspan/stream.hpp>

void directions() {
#if defined(INPUT_OF_AN_OUTPUT_STREAM)
    // error: deleted
    portspan::OutputStream<float> stream{[](auto& block) { (void)block.input(); }};
#elif defined(INPUT_WITH_STATIC_CHANNELS_OF_AN_OUTPUT_STREAM)
    // error: has_input
    portspan::OutputStream<float> stream{[](auto& block) { (void)block.template input<2>(); }};
#elif defined(IN_PLACE_OF_AN_OUTPUT_STREAM)
    // error: deleted
    portspan::OutputStream<float> stream{[](auto& block) { (void)block.in_place(); }};
#else
    portspan::OutputStream<float> stream{[](auto& block) { (void)block.output(); }};
#endif
}

void the_other_direction() {
#if defined(OUTPUT_OF_AN_INPUT_STREAM)
    // error: deleted
    portspan::InputStream<float> stream{[](auto& block) { (void)block.output(); }};
#elif defined(OUTPUT_WITH_STATIC_CHANNELS_OF_AN_INPUT_STREAM)
    // error: has_output
    portspan::InputStream<float> stream{[](auto& block) { (void)block.template output<2>(); }};
#elif defined(IN_PLACE_OF_AN_INPUT_STREAM)
    // error: deleted
    portspan::InputStream<float> stream{[](auto& block) { (void)block.in_place(); }};
#else
    portspan::InputStream<float> stream{[](auto& block) { (void)block.input(); }};
#endif
}

void input_is_read_only() {
    portspan::Stream<float> stream{[](auto& block) {
#if defined(WRITING_THROUGH_THE_INPUT)
        // error: read-only|const value|const-qualified
        block.input()(0, 0) = 1;
#elif defined(WRITING_THROUGH_A_CHANNEL_OF_THE_INPUT)
        // error: read-only|const value|const-qualified
        block.input().channel(0)[0] = 1;
#elif defined(WRITING_THROUGH_A_FRAME_OF_THE_INPUT)
        // error: read-only|const value|const-qualified
        block.input().frame(0)[0] = 1;
#elif defined(WRITING_THROUGH_THE_SAMPLES_OF_THE_INPUT)
        // error: read-only|const value|const-qualified
        for (auto& sample : block.input().samples()) sample = 1;
#else
        block.output()(0, 0) = 1;
        block.output().channel(0)[0] = 1;
        block.output().frame(0)[0] = 1;
        for (auto& sample : block.output().samples()) sample = 1;
#endif
    }};
}

void planar_input_is_read_only() {
    portspan::Stream<float, float, portspan::Planar> stream{[](auto& block) {
#if defined(WRITING_THROUGH_THE_PLANAR_INPUT)
        // error: read-only|const value|const-qualified
        block.input()(0, 0) = 1;
#elif defined(WRITING_THROUGH_A_PLANAR_CHANNEL_OF_THE_INPUT)
        // error: read-only|const value|const-qualified
        for (auto& sample : block.input().channel(0)) sample = 1;
#else
        block.output()(0, 0) = 1;
        for (auto& sample : block.output().channel(0)) sample = 1;
#endif
    }};
}

void read_only_stays_read_only() {
#ifdef READ_ONLY_VIEW_AS_A_WRITABLE_ONE
    // error: conversion from|no viable conversion
    const portspan::InterleavedView<float> view = portspan::InterleavedView<const float>{};
#else
    const portspan::InterleavedView<const float> view = portspan::InterleavedView<float>{};
#endif
    (void)view;
}

void samples_of_another_type() {
#if defined(INTERLEAVED_VIEW_OF_DOUBLE)
    // error: Sample
    portspan::InterleavedView<double> view;
#elif defined(PLANAR_VIEW_OF_DOUBLE)
    // error: Sample
    portspan::PlanarView<double> view;
#elif defined(VIEW_OF_UNSIGNED_SHORT)
    // error: Sample
    portspan::InterleavedView<std::uint16_t> view;
#else
    portspan::InterleavedView<std::int16_t> view;
#endif
    (void)view;
}

void block_is_not_copied() {
#ifdef BLOCK_THAT_IS_KEPT
    // error: use of deleted function|call to deleted constructor
    portspan::Stream<float> stream{[](auto& block) { [[maybe_unused]] auto kept = block; }};
#else
    portspan::Stream<float> stream{[](auto& block) { [[maybe_unused]] auto& same = block; }};
#endif
}
