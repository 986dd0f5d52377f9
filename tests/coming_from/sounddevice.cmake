# SPDX-License-Identifier: MIT
# Runs the tasks with python-sounddevice, from PyPI, on the drop-in library.
# usage: cmake -DFOLDER=<of the environment> -DSCRIPT= -DTASKS=<their folder> -DDROP_IN=<its folder>
#   -DGAIN=<the folder of libgain.so> -P sounddevice.cmake
include("${CMAKE_CURRENT_LIST_DIR}/../python_environment.cmake")
python_environment("${FOLDER}" sounddevice sounddevice numpy)
if(why)
  message("skipped: ${why}")
  return()
endif()
execute_process(COMMAND "${python}" -c "import numpy" RESULT_VARIABLE result ERROR_VARIABLE errors)
if(NOT result EQUAL 0)
  message("skipped: ${errors}")
  return()
endif()
set(ENV{LD_LIBRARY_PATH} "${DROP_IN}")
execute_process(COMMAND "${python}" "${SCRIPT}" "${TASKS}" WORKING_DIRECTORY "${GAIN}"
  RESULT_VARIABLE result ERROR_VARIABLE errors TIMEOUT 60)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${errors}")
endif()
