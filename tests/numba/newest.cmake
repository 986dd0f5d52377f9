# SPDX-License-Identifier: MIT
# The Numba tests once more, with the newest Numba that PyPI has: in a virtual environment, so that nothing is installed
# on the machine. The project is configured anew with its interpreter, and only what these tests need is built.
# usage: cmake -DROOT= -DFOLDER= -DGENERATOR= -DCXX_COMPILER= [-DWITHOUT=REGEX] -P newest.cmake

cmake_minimum_required(VERSION 3.24)

include("${CMAKE_CURRENT_LIST_DIR}/../python_environment.cmake")

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}: ${result}")
    endif()
endfunction()

python_environment("${FOLDER}/venv" numba numba cffi)
if(why)
    message("skipped: ${why}")
    return()
endif()
run("${python}" -c "import numba; print('Numba', numba.__version__)")

# Not optimised it compiles faster, but then numba.accuracy takes most of the time.
run("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${ROOT}" -B "${FOLDER}/build" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 "-DPORTSPAN_NUMBA_PYTHON=${python}"
    -DPORTSPAN_TEST_NEWEST_NUMBA=OFF -DPORTSPAN_BUILD_EXAMPLES=OFF -DPORTSPAN_INSTALL=OFF)
run("${CMAKE_COMMAND}" --build "${FOLDER}/build" --target numba_tests)
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
set(but "")
if(WITHOUT)
    set(but -E "${WITHOUT}")
endif()
run("${CMAKE_CTEST_COMMAND}" --test-dir "${FOLDER}/build" -R "^numba" ${but} --output-on-failure --no-tests=error
    --parallel ${cores})
