# SPDX-License-Identifier: MIT
# The target that a package of PortAudio's imports: the name is the test's, visible where
# find_package() was called and below, as exported targets are.
find_library(SYSTEM_PORTAUDIO portaudio REQUIRED)
find_path(SYSTEM_PORTAUDIO_INCLUDE portaudio.h REQUIRED)
if(NOT TARGET ${PORTAUDIO_IS})
  add_library(${PORTAUDIO_IS} UNKNOWN IMPORTED)
  set_target_properties(${PORTAUDIO_IS} PROPERTIES
    IMPORTED_LOCATION "${SYSTEM_PORTAUDIO}"
    INTERFACE_INCLUDE_DIRECTORIES "${SYSTEM_PORTAUDIO_INCLUDE}"
    INTERFACE_COMPILE_DEFINITIONS PORTAUDIO_IS_THE_ONE_THAT_WAS_MEANT)
endif()
