# SPDX-License-Identifier: MIT
# The toolchain of the fuzz preset: the newest clang that has libFuzzer, and all that it compiles is
# watched. Where there is none the compiler stays as it is, and the preset says what is missing.
foreach(version -19 -18 -17 -16 -15 -14 "")
  find_program(PORTSPAN_FUZZ_C "clang${version}")
  find_program(PORTSPAN_FUZZ_CXX "clang++${version}")
  if(PORTSPAN_FUZZ_C AND PORTSPAN_FUZZ_CXX)
    execute_process(OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND
      "${PORTSPAN_FUZZ_CXX}" -print-file-name=libclang_rt.fuzzer-${CMAKE_HOST_SYSTEM_PROCESSOR}.a)
    if(EXISTS "${runtime}")
      set(watched "-O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
-fno-sanitize-recover=undefined")
      set(CMAKE_C_COMPILER "${PORTSPAN_FUZZ_C}")
      set(CMAKE_CXX_COMPILER "${PORTSPAN_FUZZ_CXX}")
      set(CMAKE_C_FLAGS_INIT "${watched}")
      set(CMAKE_CXX_FLAGS_INIT "${watched}")
      return()
    endif()
  endif()
  unset(PORTSPAN_FUZZ_C CACHE)
  unset(PORTSPAN_FUZZ_CXX CACHE)
endforeach()
