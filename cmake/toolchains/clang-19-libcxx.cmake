# SPDX-License-Identifier: MIT
# clang 19 with its own standard library in the place of libstdc++.
include("${CMAKE_CURRENT_LIST_DIR}/clang-19.cmake")
if(NOT EXISTS /usr/lib/llvm-19/lib/libc++.so)
  message(FATAL_ERROR "libc++ 19 is missing: apt-get install libc++-19-dev libc++abi-19-dev")
endif()
set(CMAKE_CXX_FLAGS_INIT -stdlib=libc++)
