# SPDX-License-Identifier: MIT
# One consumer from an empty build folder to its end: configured, built, run (its build or its
# tests do that), installed. Or refused: then REFUSED_WITH is what CMake or the compiler has to say.
#   SOURCE BINARY INITIAL_CACHE GENERATOR OPTIONS CONFIG [INSTALLS] [REFUSED_WITH]
file(REMOVE_RECURSE "${BINARY}")
# portspan's own builds are stricter in CI; its consumers' must not be.
set(ENV{CI} true)
execute_process(
  COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -C "${INITIAL_CACHE}" ${OPTIONS} --no-warn-unused-cli
    -S "${SOURCE}" -B "${BINARY}"
  RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
message("${said}")
if(REFUSED_WITH)
  if(failed STREQUAL "0")
    execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BINARY}" --config "${CONFIG}"
      RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
    message("${said}")
  endif()
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(failed STREQUAL "0")
    message(FATAL_ERROR "it was configured and built")
  elseif(NOT said MATCHES "${REFUSED_WITH}")
    message(FATAL_ERROR "it does not say: ${REFUSED_WITH}")
  endif()
  return()
endif()
if(NOT failed STREQUAL "0" OR said MATCHES "CMake (Deprecation )?Warning")
  message(FATAL_ERROR "it was not configured, or with warnings")
endif()

execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BINARY}" --config "${CONFIG}"
  COMMAND_ERROR_IS_FATAL ANY)

if(EXISTS "${BINARY}/CTestTestfile.cmake")
  execute_process(COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${BINARY}" -C "${CONFIG}"
      --no-tests=error --output-on-failure
    COMMAND_ERROR_IS_FATAL ANY)
endif()

if(INSTALLS)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" --install "${BINARY}" --config "${CONFIG}"
      --prefix "${BINARY}/prefix"
    COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB_RECURSE installed RELATIVE "${BINARY}/prefix" "${BINARY}/prefix/*")
  if(NOT installed STREQUAL INSTALLS)
    message(FATAL_ERROR "it installs ${installed}, not ${INSTALLS}")
  endif()
endif()
