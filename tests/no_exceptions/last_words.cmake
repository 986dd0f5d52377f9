# SPDX-License-Identifier: MIT
# Runs PROGRAM with ARGUMENT: it has to fail, and to say EXPECTED on stderr and nothing before.
execute_process(COMMAND ${PROGRAM} "${ARGUMENT}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE said TIMEOUT 60)
message("${result}: ${output}${said}")
string(FIND "${said}" "${EXPECTED}" begin)
if(result STREQUAL "0" OR result MATCHES "timeout" OR NOT begin EQUAL 0)
  message(FATAL_ERROR "it does not end with: ${EXPECTED}")
endif()
