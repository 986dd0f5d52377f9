# SPDX-License-Identifier: MIT
# Linux on the processor that `machine` names; its programs run by qemu.
include("${CMAKE_CURRENT_LIST_DIR}/../needs.cmake")
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${machine})
portspan_needs(${machine}-linux-gnu-g++ g++-${machine}-linux-gnu)
set(CMAKE_C_COMPILER ${machine}-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER ${machine}-linux-gnu-g++)
portspan_needs(qemu-${machine} qemu-user)
set(CMAKE_CROSSCOMPILING_EMULATOR "${portspan_found}" -L /usr/${machine}-linux-gnu)
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
