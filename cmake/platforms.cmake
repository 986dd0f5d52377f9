# SPDX-License-Identifier: MIT
# The target `platforms`: the presets of PORTSPAN_PLATFORMS one after another, and a table of them.
if(NOT PORTSPAN_PLATFORMS)
  return()
endif()
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_custom_target(platforms
  COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_SOURCE_DIR}/tests/platforms/platforms.py"
    "${CMAKE_COMMAND}" "${CMAKE_CTEST_COMMAND}" "${CMAKE_CURRENT_SOURCE_DIR}" ${PORTSPAN_PLATFORMS}
  USES_TERMINAL VERBATIM)
