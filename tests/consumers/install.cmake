# SPDX-License-Identifier: MIT
# Installs a build into a prefix that holds nothing else: a file that an earlier installation left
# behind would stand in for one that is missing now.
#   BUILD PREFIX CONFIG
file(REMOVE_RECURSE "${PREFIX}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${PREFIX}"
  COMMAND_ERROR_IS_FATAL ANY)
