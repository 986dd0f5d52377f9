# SPDX-License-Identifier: MIT
# Runs the table of calls on the mock and on the machine's PortAudio and compares the answers.
include("${CMAKE_CURRENT_LIST_DIR}/../silent_alsa.cmake")
foreach(which MOCK PORTAUDIO)
  execute_process(COMMAND "${${which}}" OUTPUT_VARIABLE ${which}_table ERROR_VARIABLE words
    RESULT_VARIABLE result TIMEOUT 60)
  file(WRITE "${FOLDER}/${which}.txt" "${${which}_table}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${${which}} ended with ${result}\n${words}")
  endif()
endforeach()
if(NOT MOCK_table STREQUAL PORTAUDIO_table)
  execute_process(COMMAND diff "${FOLDER}/MOCK.txt" "${FOLDER}/PORTAUDIO.txt"
    OUTPUT_VARIABLE difference)
  message(FATAL_ERROR "mock (<) and PortAudio (>) answer differently:\n${difference}")
endif()
