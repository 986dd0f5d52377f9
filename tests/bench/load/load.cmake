# SPDX-License-Identifier: MIT
# Runs a script here with a Python that has PyPI's sounddevice, or says to it why there is none.
# usage: cmake -DFOLDER=<of the environment> -DPYTHON=<where there is none> -DSCRIPT=
#   -DARGUMENTS=<list> -P load.cmake
include("${CMAKE_CURRENT_LIST_DIR}/../../python_environment.cmake")
python_environment("${FOLDER}" sounddevice sounddevice numpy)
if(why)
  set(ENV{PORTSPAN_LOAD_MISSING} "${why}")
  set(python "${PYTHON}")
endif()
execute_process(COMMAND "${python}" -B "${CMAKE_CURRENT_LIST_DIR}/${SCRIPT}" ${ARGUMENTS}
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${SCRIPT} has failed")
endif()
