// SPDX-License-Identifier: MIT
// The device's side of a stream: what it hears and what it plays, interleaved floats.
#pragma once

#include <cstddef>
#include <span>

#include "engine.hpp"

namespace portspan::mock {

/// What the device hears next, in a direction of so many channels.
void hear(Engine& engine, Lock& lock, Stream& stream, std::size_t channels, std::span<float> to);
/// Input passes that nobody hears.
void skip_input(const Engine& engine, Stream& stream, std::size_t frames);
/// What an xrun has lost passes; returns whether there was one.
bool skip_lost_frames(const Engine& engine, Stream& stream);
/// The samples stay as they are until it returns; none: the stream is closed.
void play(Engine& engine, Lock& lock, Stream& stream, std::span<const float> samples);

}  // namespace portspan::mock
