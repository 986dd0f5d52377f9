# SPDX-License-Identifier: MIT
# Included by scripts: PortAudio finds ALSA's null device and nothing else. FOLDER is a scratch folder.
file(MAKE_DIRECTORY "${FOLDER}")
file(WRITE "${FOLDER}/null.conf" "
pcm.silent { type plug slave { pcm { type null } channels 2 rate 48000 format S16_LE }
             hint { show on description \"nothing\" } }
pcm.!default { type plug slave.pcm \"silent\" }
ctl.!default { type null }
")
set(ENV{ALSA_CONFIG_PATH} "${FOLDER}/null.conf")
# A server of the machine's own must not be found.
set(ENV{JACK_NO_START_SERVER} 1)
set(ENV{JACK_DEFAULT_SERVER} portspan-no-such-server)
