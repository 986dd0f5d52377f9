# SPDX-License-Identifier: MIT
# The Numba tests once more, with the newest Numba that PyPI has: in a virtual environment, so that nothing is installed
# on the machine. The project is configured anew with its interpreter, and only what these tests need is built.
# usage: cmake -DROOT= -DFOLDER= -DGENERATOR= -DCXX_COMPILER= -P newest.cmake

cmake_minimum_required(VERSION 3.24)

# Ends this script.
macro(skip reason)
    string(STRIP "${reason}" why)
    string(REGEX REPLACE ".*\n" "" why "${why}")
    message("skipped: ${why}")
    return()
endmacro()

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}: ${result}")
    endif()
endfunction()

# The first one that can make an environment; not every version of Python has a Numba.
set(python "${FOLDER}/venv/bin/python")
if(NOT EXISTS "${python}")
    foreach(name IN ITEMS python3.11 python3.12 python3.13 python3.10 python3)
        find_program(found NAMES ${name} NO_CACHE)
        if(NOT found)
            continue()
        endif()
        execute_process(COMMAND "${found}" -m venv --clear "${FOLDER}/venv" RESULT_VARIABLE result OUTPUT_VARIABLE text
                        ERROR_VARIABLE text)
        unset(found)
        if(result EQUAL 0)
            break()
        endif()
        file(REMOVE_RECURSE "${FOLDER}/venv")
    endforeach()
    if(NOT EXISTS "${python}")
        skip("no Python that can make a virtual environment")
    endif()
endif()

execute_process(
    COMMAND "${python}" -m pip install --quiet --disable-pip-version-check --no-input --retries 1 --timeout 20
            --only-binary :all: --upgrade numba cffi
    RESULT_VARIABLE result
    OUTPUT_VARIABLE text
    ERROR_VARIABLE text
    TIMEOUT 300)
execute_process(COMMAND "${python}" -c "import numba; print(numba.__version__)" RESULT_VARIABLE there
                OUTPUT_VARIABLE version ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT there EQUAL 0)
    skip("no Numba from PyPI: ${text}")
elseif(NOT result EQUAL 0)
    message(STATUS "PyPI does not answer, Numba is the one of an earlier run")
endif()
message(STATUS "Numba ${version}")

run("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${ROOT}" -B "${FOLDER}/build" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    -DCMAKE_BUILD_TYPE=Debug "-DPORTSPAN_NUMBA_PYTHON=${python}" -DPORTSPAN_TEST_NEWEST_NUMBA=OFF -DPORTSPAN_BUILD_EXAMPLES=OFF -DPORTSPAN_INSTALL=OFF)
run("${CMAKE_COMMAND}" --build "${FOLDER}/build" --target numba_tests)
run("${CMAKE_CTEST_COMMAND}" --test-dir "${FOLDER}/build" -R "^numba" --output-on-failure --no-tests=error)
