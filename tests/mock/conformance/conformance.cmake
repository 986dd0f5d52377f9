# SPDX-License-Identifier: MIT
cmake_policy(VERSION 3.24)
# Runs the table of calls on the mock and on PortAudio, on the machine MACHINE, and compares the
# answers. FOLDER is a scratch folder, in which the tables are left behind, and the intended
# differences by themselves.
foreach(which PORTAUDIO MOCK)
  # libjack crashes now and then when a stream is closed, see parameters_of_jack(): once more, then.
  foreach(attempt 1 2)
    execute_process(COMMAND "${${which}}" "${MACHINE}" OUTPUT_VARIABLE ${which}_table
      ERROR_VARIABLE words RESULT_VARIABLE result TIMEOUT 50)
    if(NOT (MACHINE MATCHES jack AND which STREQUAL "PORTAUDIO" AND result STREQUAL
        "Segmentation fault"))
      break()
    endif()
  endforeach()
  file(WRITE "${FOLDER}/${which}.txt" "${${which}_table}")
  if(result EQUAL 77)
    message("skipped: ${words}")
    return()
  endif()
  if(NOT result EQUAL 0)
    string(REGEX MATCHALL "[^\n]*and yet it answered[^\n]*\n" unexpected "${${which}_table}")
    message(FATAL_ERROR "${${which}} ended with ${result}\n${unexpected}\n${words}")
  endif()
endforeach()
string(REGEX MATCHALL "[^\n]* mock [^\n]*, PortAudio [^\n]*\n" differences "${PORTAUDIO_table}")
list(JOIN differences "" differences)
file(WRITE "${FOLDER}/differences.txt" "${differences}")
if(NOT MOCK_table STREQUAL PORTAUDIO_table)
  execute_process(COMMAND diff "${FOLDER}/MOCK.txt" "${FOLDER}/PORTAUDIO.txt"
    OUTPUT_VARIABLE difference)
  message(FATAL_ERROR "mock (<) and PortAudio (>) answer differently:\n${difference}")
endif()
