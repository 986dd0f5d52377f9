// SPDX-License-Identifier: MIT
// Everything.
#pragma once

#include "block.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "config.hpp"
#include "describe.hpp"
#include "description.h"
#include "device.hpp"
#include "error.hpp"
#include "fit.hpp"
#include "flags.hpp"
#include "library.hpp"
#include "render.hpp"
#include "renderer.hpp"
#include "sample.hpp"
#include "session.hpp"
#include "state.hpp"
#include "stream.hpp"
#include "strided.hpp"
#include "times.hpp"
#include "view.hpp"
