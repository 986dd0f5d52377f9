# SPDX-License-Identifier: MIT
include("${CMAKE_CURRENT_LIST_DIR}/needs.cmake")
portspan_needs(clang++-19 clang-19)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
