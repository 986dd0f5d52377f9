# SPDX-License-Identifier: MIT
# A Python with sounddevice and Numba for the benchmarks; FOLDER/missing.txt says why there is none.
# usage: cmake -DFOLDER= -P environment.cmake
include("${CMAKE_CURRENT_LIST_DIR}/../python_environment.cmake")
python_environment("${FOLDER}" numba sounddevice numpy numba)
file(WRITE "${FOLDER}/missing.txt" "${why}")
