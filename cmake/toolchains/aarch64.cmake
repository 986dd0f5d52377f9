# SPDX-License-Identifier: MIT
# 64-bit ARM, where char is unsigned.
set(machine aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/foreign/linux.cmake")
