# SPDX-License-Identifier: MIT
include("${CMAKE_CURRENT_LIST_DIR}/needs.cmake")
portspan_needs(clang++-14 clang-14)
set(CMAKE_C_COMPILER clang-14)
set(CMAKE_CXX_COMPILER clang++-14)
