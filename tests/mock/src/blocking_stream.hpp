// SPDX-License-Identifier: MIT
// A stream without a callback: queues between the device and the program.
#pragma once

#include <cstddef>

#include "engine.hpp"

namespace portspan::mock {

/// What a queue holds, frames.
inline constexpr std::size_t queue_length = 4096;

/// The device takes and gives `frames` frames.
void pass_time(Engine& engine, Lock& lock, Stream& stream, std::size_t frames);

PaError read(Engine& engine, Lock& lock, Stream& stream, void* buffer, std::size_t frames);
PaError write(Engine& engine, Lock& lock, Stream& stream, const void* buffer, std::size_t frames);

/// A program asks what it could read or write; where the stream waits for the program, that is when
/// up to `frames` frames pass.
void polled(Engine& engine, Lock& lock, Stream& stream, std::size_t frames);

}  // namespace portspan::mock
