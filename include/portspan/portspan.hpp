// SPDX-License-Identifier: MIT
// Everything.
#pragma once

#include "block.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "config.hpp"
#include "device.hpp"
#include "error.hpp"
#include "flags.hpp"
#include "library.hpp"
#include "render.hpp"
#include "renderer.hpp"
#include "sample.hpp"
#include "session.hpp"
#include "stream.hpp"
#include "strided.hpp"
#include "times.hpp"
#include "view.hpp"
