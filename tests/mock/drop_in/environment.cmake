# SPDX-License-Identifier: MIT
# A Python with sounddevice, for the tests that run it on the drop-in library.
# usage: cmake -DFOLDER= -P environment.cmake
include("${CMAKE_CURRENT_LIST_DIR}/../../python_environment.cmake")
python_environment("${FOLDER}" sounddevice sounddevice)
if(why)
    message("skipped: ${why}")
endif()
