// SPDX-License-Identifier: MIT
// A machine with one device that is not the mock's own.
#pragma once

#include <portspan/mock.hpp>

// No number twice: one that is taken for another is seen.
inline const portspan::mock::Device interface{"Interface", 4, 8, 44100, 0.01, 0.02, 0.1, 0.2};
inline const portspan::mock::Machine machine{{{.devices = {interface}}}};
