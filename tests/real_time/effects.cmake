# SPDX-License-Identifier: MIT
# effects.cpp compiles without a word, and what waits in it is refused.
# usage: cmake -DCOMPILER=<command> -DINCLUDE=<folder> -DPORTAUDIO=<folder> -P effects.cmake
set(command ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Wfunction-effects -Werror
  -I "${INCLUDE}" -idirafter "${PORTAUDIO}" "${CMAKE_CURRENT_LIST_DIR}/effects.cpp")
execute_process(COMMAND ${command} RESULT_VARIABLE result ERROR_VARIABLE said)
if(NOT result EQUAL 0 OR NOT said STREQUAL "")
  message(FATAL_ERROR "${said}")
endif()
execute_process(COMMAND ${command} -DWAITS RESULT_VARIABLE result ERROR_VARIABLE said)
if(result EQUAL 0 OR NOT said MATCHES "it allocates or deallocates memory")
  message(FATAL_ERROR "a callback that takes memory was not refused: ${said}")
endif()
