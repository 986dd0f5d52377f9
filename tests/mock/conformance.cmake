# SPDX-License-Identifier: MIT
# Runs the table of calls on the mock and on the machine's PortAudio and compares the answers.
file(MAKE_DIRECTORY "${FOLDER}")
file(WRITE "${FOLDER}/null.conf" "
pcm.silent { type plug slave { pcm { type null } channels 2 rate 48000 format S16_LE }
             hint { show on description \"nothing\" } }
pcm.!default { type plug slave.pcm \"silent\" }
ctl.!default { type null }
")
set(ENV{ALSA_CONFIG_PATH} "${FOLDER}/null.conf")
set(ENV{JACK_NO_START_SERVER} 1)
set(ENV{JACK_DEFAULT_SERVER} portspan-no-such-server)
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
