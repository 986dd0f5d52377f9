# SPDX-License-Identifier: MIT
# Windows on x86-64 by mingw-w64, its programs run by Wine in a prefix of the build's own.
include("${CMAKE_CURRENT_LIST_DIR}/needs.cmake")
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# Not the compiler with Windows threads, whose library has no std::thread.
portspan_needs(x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT -static)  # no DLL of the compiler's to be found
endforeach()
portspan_needs(wine64 wine64 PATHS /usr/lib/wine)
set(CMAKE_CROSSCOMPILING_EMULATOR env "WINEPREFIX=${CMAKE_BINARY_DIR}/wine" WINEDEBUG=-all
  WINEDLLOVERRIDES=mscoree,mshtml= "${portspan_found}")
include("${CMAKE_CURRENT_LIST_DIR}/foreign/cross.cmake")
