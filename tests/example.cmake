# SPDX-License-Identifier: MIT
# Runs an example on PortAudio's ALSA back end without hardware, its standard input closed, so that it
# ends at once.
# usage: cmake -DPROGRAM=<file> -DFOLDER=<scratch> -P example.cmake
file(MAKE_DIRECTORY "${FOLDER}")
file(WRITE "${FOLDER}/null.conf" "
pcm.silent { type plug slave { pcm { type null } channels 2 rate 48000 format S16_LE }
             hint { show on description \"nothing\" } }
pcm.!default { type plug slave.pcm \"silent\" }
ctl.!default { type null }
")
# A server of the machine's own must not be found.
set(ENV{JACK_NO_START_SERVER} 1)
set(ENV{JACK_DEFAULT_SERVER} portspan-no-such-server)
get_filename_component(folder "${PROGRAM}" DIRECTORY)

set(ENV{ALSA_CONFIG_PATH} "${FOLDER}/null.conf")
execute_process(COMMAND "${PROGRAM}" INPUT_FILE /dev/null WORKING_DIRECTORY "${folder}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors TIMEOUT 30)
if(NOT result EQUAL 0 OR NOT output MATCHES "Press Enter")
  message(FATAL_ERROR "${PROGRAM} on a device: ${result}\n${output}${errors}")
endif()
