# SPDX-License-Identifier: MIT
# Big endian; its programs run by qemu.
include("${CMAKE_CURRENT_LIST_DIR}/needs.cmake")
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
portspan_needs(s390x-linux-gnu-g++ g++-s390x-linux-gnu)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER s390x-linux-gnu-g++)
portspan_needs(qemu-s390x qemu-user)
set(CMAKE_CROSSCOMPILING_EMULATOR "${portspan_found}" -L /usr/s390x-linux-gnu)
include("${CMAKE_CURRENT_LIST_DIR}/foreign/cross.cmake")
