# SPDX-License-Identifier: MIT
# 64-bit ARM, where char is unsigned; its programs run by qemu.
include("${CMAKE_CURRENT_LIST_DIR}/needs.cmake")
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
portspan_needs(aarch64-linux-gnu-g++ g++-aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
portspan_needs(qemu-aarch64 qemu-user)
set(CMAKE_CROSSCOMPILING_EMULATOR "${portspan_found}" -L /usr/aarch64-linux-gnu)
include("${CMAKE_CURRENT_LIST_DIR}/foreign/cross.cmake")
