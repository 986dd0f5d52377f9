# SPDX-License-Identifier: MIT
# What the target `demo` does. RUN_CALLBACK, LIBRARY, INPUT and FOLDER come from demo.cmake.
cmake_minimum_required(VERSION 3.24)

# Lines on stdout as they are: message(STATUS) would put dashes before them.
function(say)
  foreach(line IN LISTS ARGN)
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${line}")
  endforeach()
endfunction()

if(NOT INPUT)
  # Recordings of a voice that say which loudspeaker they are for; alsa-utils has them.
  foreach(folder IN ITEMS /usr/share/sounds/alsa /usr/local/share/sounds/alsa)
    if(NOT INPUT AND EXISTS "${folder}/Front_Center.wav")
      set(INPUT "${folder}/Front_Center.wav")
    endif()
  endforeach()
endif()
if(NOT INPUT)
  message(FATAL_ERROR "There is no speech recording on this machine: install the package "
    "alsa-utils, or name a WAV or FLAC file with -DPORTSPAN_DEMO_INPUT=<file>")
elseif(NOT EXISTS "${INPUT}")
  message(FATAL_ERROR "PORTSPAN_DEMO_INPUT: there is no file ${INPUT}")
endif()

set(wav "${FOLDER}/soft_clip.wav")
set(svg "${FOLDER}/soft_clip.svg")
# Two channels: that is what the callback takes its state for when it gets none.
execute_process(
  COMMAND "${RUN_CALLBACK}" "${LIBRARY}" soft_clip --input "${INPUT}" --output "${wav}"
    --channels 2 --report "${svg}" --stats
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "run_callback ended with status ${result}")
endif()
say(""
  "The recording went through soft_clip, a Python function compiled by Numba: no Python ran here."
  "  before  ${INPUT}"
  "  after   ${wav}"
  "  report  ${svg}"
  "It drives the voice fourfold into a soft clipper: quiet parts get louder, peaks are rounded off."
  "The report shows the waveform before and after, and each call's time against its deadline." "")

execute_process(COMMAND "${RUN_CALLBACK}" --list-devices OUTPUT_VARIABLE devices ERROR_QUIET)
if(NOT devices MATCHES "(^|\n)[<*] ")
  say("There is no audio output device here, so nothing is played.")
  return()
endif()
say("The same through a PortAudio stream on the default output device:")
execute_process(
  COMMAND "${RUN_CALLBACK}" "${LIBRARY}" soft_clip --input "${INPUT}" --output device
    --channels 2 --seconds 4
  RESULT_VARIABLE result ERROR_VARIABLE problem TIMEOUT 30)
if(NOT result EQUAL 0)
  string(STRIP "${problem}" problem)
  say("It could not be played: ${problem} (status: ${result}). The files above are complete.")
endif()
