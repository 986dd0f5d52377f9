# SPDX-License-Identifier: MIT
# Compiles HEADER with what COMMAND says; g++ and clang look for it beside the header.
execute_process(COMMAND ${COMMAND} -x c++-header "${HEADER}" -o "${HEADER}.gch"
  COMMAND_ERROR_IS_FATAL ANY)
