# SPDX-License-Identifier: MIT
# The target `demo`: a Numba callback on real speech, as a file, as a picture and aloud.
set(PORTSPAN_DEMO_INPUT "" CACHE FILEPATH
  "Speech for the target demo, mono or stereo; empty: a recording that is installed")

if(NOT TARGET soft_clip)
  portspan_find_numba(demo_python)
  if(NOT demo_python)
    add_custom_target(demo
      COMMAND ${CMAKE_COMMAND} -E echo "The demo needs a Python with Numba (Debian: python3-numba)."
      COMMAND ${CMAKE_COMMAND} -E false
      COMMENT "The demo: a Numba callback on speech" VERBATIM)
    return()
  endif()
  portspan_add_numba_callback(soft_clip SOURCE callbacks/soft_clip.py FUNCTION soft_clip)
endif()

add_custom_target(demo
  COMMAND ${CMAKE_COMMAND}
    -D "RUN_CALLBACK=$<TARGET_FILE:run_callback>"
    -D "LIBRARY=$<TARGET_FILE:soft_clip>"
    -D "INPUT=${PORTSPAN_DEMO_INPUT}"
    -D "FOLDER=${PROJECT_BINARY_DIR}"
    -P "${CMAKE_CURRENT_LIST_DIR}/demo_run.cmake"
  DEPENDS run_callback soft_clip
  COMMENT "The demo: a Numba callback on speech" USES_TERMINAL VERBATIM)
