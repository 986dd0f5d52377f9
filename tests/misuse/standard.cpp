// SPDX-License-Identifier: MIT
// The mock's header and sources, which CMakeLists.txt compiles with an older standard as well.
#include <portspan/mock.hpp>

#include "../mock/src/engine.hpp"

int main() { return portspan::mock::Machine::without_devices().host_apis.empty(); }
