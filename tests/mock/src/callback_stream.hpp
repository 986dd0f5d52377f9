// SPDX-License-Identifier: MIT
// A stream with a callback, as a host calls it.
#pragma once

#include <cstddef>

#include "engine.hpp"

namespace portspan::mock {

/// `frames` more frames: as many blocks as they fill, together with those that are pending.
void process(Engine& engine, Lock& lock, Stream& stream, std::size_t frames);

/// One block. Nobody else calls the stream.
void call(Engine& engine, Lock& lock, Stream& stream, std::size_t frames);

}  // namespace portspan::mock
