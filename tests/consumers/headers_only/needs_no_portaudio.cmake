# SPDX-License-Identifier: MIT
execute_process(COMMAND "${READELF}" -d "${PROGRAM}"
  OUTPUT_VARIABLE needed COMMAND_ERROR_IS_FATAL ANY)
if(NOT needed MATCHES "NEEDED[^\n]*libc\\.")
  message(FATAL_ERROR "this says nothing of what ${PROGRAM} needs:\n${needed}")
endif()
if(needed MATCHES "portaudio")
  message(FATAL_ERROR "${PROGRAM} needs libportaudio:\n${needed}")
endif()
