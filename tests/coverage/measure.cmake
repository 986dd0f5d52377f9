# SPDX-License-Identifier: MIT
# Runs a program, if there is one, and writes which lines of the headers its OBJECTS have and it executed.
file(GLOB_RECURSE counts "${OBJECTS}/*.gcda")
if(counts)
  file(REMOVE ${counts})
endif()
if(PROGRAM)
  execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 600
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM}: ${result}\n${output}")
  endif()
endif()
# gcov writes where it is called.
execute_process(COMMAND "${GCOVR}" --object-directory "${OBJECTS}" --json "${OUTPUT}" --root "${INCLUDE}" --filter "${INCLUDE}/"
  "${OBJECTS}" COMMAND_ERROR_IS_FATAL ANY)
