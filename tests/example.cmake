# SPDX-License-Identifier: MIT
# Runs an example on PortAudio's ALSA back end without hardware. At the end of its standard input, at
# once unless lines are given, it ends.
# usage: cmake -DPROGRAM=<file> [-DARGUMENTS=<...>] [-DINPUT=<lines>] [-DEXPECTED=<what it says>]
#   -DFOLDER=<scratch> -P example.cmake
include("${CMAKE_CURRENT_LIST_DIR}/silent_alsa.cmake")
if(NOT DEFINED EXPECTED)
  set(EXPECTED "Press Enter")
endif()
file(WRITE "${FOLDER}/input" "")
foreach(line IN LISTS INPUT)
  file(APPEND "${FOLDER}/input" "${line}\n")
endforeach()
get_filename_component(folder "${PROGRAM}" DIRECTORY)
execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS} INPUT_FILE "${FOLDER}/input" WORKING_DIRECTORY "${folder}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors TIMEOUT 30)
if(NOT result EQUAL 0 OR NOT output MATCHES "${EXPECTED}")
  message(FATAL_ERROR "${PROGRAM} on a device: ${result}\n${output}${errors}")
endif()
