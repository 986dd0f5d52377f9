# SPDX-License-Identifier: MIT
# The CMake function as a project elsewhere sees it: one with C++ only, and the mistakes that configuring finds.

cmake_minimum_required(VERSION 3.24)

file(REMOVE_RECURSE "${FOLDER}")
get_filename_component(module "${CMAKE_CURRENT_LIST_DIR}/../../cmake/PortspanNumba.cmake" REALPATH)
# Runs CMake on a project of one call and compares what it says.
function(configure name languages expected call)
    file(WRITE "${FOLDER}/${name}/CMakeLists.txt"
         "cmake_minimum_required(VERSION 3.24)\nproject(test LANGUAGES ${languages})\nadd_subdirectory(package)\n${call}\n")
    # The function comes from another folder than the one that calls it, as with add_subdirectory(portspan).
    file(WRITE "${FOLDER}/${name}/package/CMakeLists.txt" "include(\"${module}\")\n")
    if(NOT EXISTS "${FOLDER}/${name}/callback.py")
        file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/gain.py" "${FOLDER}/${name}/callback.py")
        file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/prototype.py" "${FOLDER}/${name}/prototype.py")
    endif()
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${FOLDER}/${name}" -B "${FOLDER}/${name}/build"
                "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" ${ARGN}
        RESULT_VARIABLE result
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    check("${name}" "${result}" "${output}" "${expected}")
endfunction()

function(build name expected)
    execute_process(
        COMMAND "${CMAKE_COMMAND}" --build "${FOLDER}/${name}/build"
        RESULT_VARIABLE result
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    check("${name}" "${result}" "${output}" "${expected}")
endfunction()

# An expectation that starts with ! is one of a failure; CMake breaks its messages into lines as it likes.
function(check name result output expected)
    string(REGEX REPLACE "[ \n]+" " " output "${output}")
    set(good TRUE)
    if(expected MATCHES "^!")
        string(SUBSTRING "${expected}" 1 -1 expected)
        if(result EQUAL 0)
            set(good FALSE)
        endif()
    elseif(NOT result EQUAL 0)
        set(good FALSE)
    endif()
    if(NOT good OR NOT output MATCHES "${expected}")
        message(SEND_ERROR "${name}: expected '${expected}', got (${result}): ${output}")
    endif()
endfunction()

set(python "-DPORTSPAN_NUMBA_PYTHON=${PYTHON}")

file(WRITE "${FOLDER}/works/pair.py" "from numba import cfunc, types
from prototype import prototype

@cfunc(prototype(types.voidptr))
def left(input, output, frames, time, status, state):
    return 1

@cfunc(prototype(types.voidptr))
def right(input, output, frames, time, status, state):
    return 2
")

# The positive twin of all that follows; `--build` says nothing of Numba where nothing has changed.
configure(works CXX "portspan: Numba [0-9.]+, Python 3.*Configuring done"
          "portspan_add_numba_callback(gain SOURCE callback.py CPU native ARENA 4096)
portspan_add_numba_callback(gain_inside SOURCE callback.py FUNCTION gain OBJECT)
file(WRITE \${CMAKE_BINARY_DIR}/portaudio.h
\"struct PaStreamCallbackTimeInfo;\\ntypedef unsigned long PaStreamCallbackFlags;\\n\")
file(WRITE \${CMAKE_BINARY_DIR}/main.cpp
\"#include <gain.hpp>\\nint main() { float x = 4, y = 0; return gain(&x, &y, 1, nullptr, 0, nullptr) == 0 && y == 2 ? 0 : 1; }\\n\")
add_executable(program \${CMAKE_BINARY_DIR}/main.cpp)
target_include_directories(program PRIVATE \${CMAKE_BINARY_DIR})
target_link_libraries(program PRIVATE gain_inside)
portspan_add_numba_callback(pair SOURCE pair.py FUNCTION left right OBJECT)
file(WRITE \${CMAKE_BINARY_DIR}/pair.cpp \"#include <pair.hpp>
int main() { float x = 4, y = 0; return left(&x, &y, 1, nullptr, 0, nullptr) + right(&x, &y, 1, nullptr, 0, nullptr) - 3; }
\")
add_executable(pair_program \${CMAKE_BINARY_DIR}/pair.cpp)
target_include_directories(pair_program PRIVATE \${CMAKE_BINARY_DIR})
target_link_libraries(pair_program PRIVATE pair)
add_custom_command(TARGET pair_program POST_BUILD COMMAND pair_program)
add_custom_command(TARGET program POST_BUILD COMMAND program)" "${python}")
build(works "Compiling gain of callback.py with Numba")
build(works "no work to do|Built target program")
file(GLOB_RECURSE left "${FOLDER}/works/*.pyc" "${FOLDER}/works/*.tmp" "${FOLDER}/works/*.nbi")
if(left)
    message(SEND_ERROR "works: left behind: ${left}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
file(APPEND "${FOLDER}/works/prototype.py" "\n")
build(works "Compiling gain of callback.py with Numba")

# A library that is in use is replaced, not changed: who has loaded it keeps the one that he has.
if(UNIX)
    configure(rebuilt CXX "Configuring done" "portspan_add_numba_callback(gain SOURCE callback.py)
file(WRITE \${CMAKE_BINARY_DIR}/main.cpp \"#include <dlfcn.h>
#include <cstdlib>
using Callback = int(const float*, float*, unsigned long, const void*, unsigned long, void*);
float half(void* library) {
    float x = 4, y = 0;
    reinterpret_cast<Callback*>(dlsym(library, \\\"gain\\\"))(&x, &y, 1, nullptr, 0, nullptr);
    return y;
}
int main(int, char** arguments) {
    void* library = dlopen(arguments[1], RTLD_NOW);
    if (half(library) != 2 || std::system(arguments[2]) != 0 || half(library) != 2) return 1;
    dlclose(library);
    return half(dlopen(arguments[1], RTLD_NOW)) == 1 ? 0 : 2;
}
\")
add_executable(program \${CMAKE_BINARY_DIR}/main.cpp)
target_link_libraries(program PRIVATE \${CMAKE_DL_LIBS})
add_dependencies(program gain)" "${python}")
    build(rebuilt "Built target program|Linking CXX executable program")
    execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
    file(READ "${FOLDER}/rebuilt/callback.py" text)
    string(REPLACE "* 0.5" "* 0.25" text "${text}")
    file(WRITE "${FOLDER}/rebuilt/callback.py" "${text}")
    execute_process(
        COMMAND "${FOLDER}/rebuilt/build/program" "${FOLDER}/rebuilt/build/libgain.so"
                "'${CMAKE_COMMAND}' --build '${FOLDER}/rebuilt/build' --target gain"
        RESULT_VARIABLE result
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    check(rebuilt "${result}" "${output}" "Compiling gain of callback.py with Numba")
endif()

# What would cost less is said, unless nobody wants to hear it.
file(WRITE "${FOLDER}/notes/callback.py" "from portspan_numba import stream_callback

@stream_callback(channels=2)
def gain(input, output):
    output[:] = 0.5 * input
")
configure(notes CXX "Configuring done" "portspan_add_numba_callback(gain SOURCE callback.py)" "${python}")
build(notes "callback.py:5: gain: note: `output\\[:\\] = 0.5 \\* input`")
configure(notes CXX "Configuring done" "portspan_add_numba_callback(gain SOURCE callback.py QUIET)")
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${FOLDER}/notes/build" OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT output MATCHES "Compiling gain of callback.py with Numba" OR output MATCHES "note:")
    message(SEND_ERROR "notes: not quiet: ${output}")
endif()

# Without libmvec, or without wanting it, the callback computes one number at a time.
file(WRITE "${FOLDER}/mathematics/callback.py" "import numpy as np
from portspan_numba import stream_callback

@stream_callback(channels=1)
def clip(input, output):
    for frame in range(len(output)):
        output[frame, 0] = np.tanh(input[frame, 0])
")
function(mathematics vectors expected call)
    configure(mathematics CXX "${expected}" "${call}" "${python}" ${ARGN})
    build(mathematics "Linking CXX shared module|Built target clip|no work to do")
    file(STRINGS "${FOLDER}/mathematics/build/libclip.so" found REGEX "_ZGV")
    if(NOT found AND vectors OR found AND NOT vectors)
        message(SEND_ERROR "mathematics: ${call} ${ARGN}, expected vector functions: ${vectors}, found: ${found}")
    endif()
endfunction()
if(CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux")
    mathematics(FALSE "portspan: no libmvec here .* loops over sin, tanh and others .* one number at a time"
                "portspan_add_numba_callback(clip SOURCE callback.py)" -DPORTSPAN_LIBMVEC=OFF)
    mathematics(FALSE "Configuring done" "portspan_add_numba_callback(clip SOURCE callback.py NO_VECTOR_MATH)"
                -DPORTSPAN_LIBMVEC=PORTSPAN_LIBMVEC-NOTFOUND)
    if(LIBMVEC)
        mathematics(TRUE "Configuring done" "portspan_add_numba_callback(clip SOURCE callback.py)")
    endif()
endif()

# Another interpreter makes another library.
if(UNIX)
    file(WRITE "${FOLDER}/another/python3" "#!/bin/sh\nexec \"${PYTHON}\" \"$@\"\n")
    file(CHMOD "${FOLDER}/another/python3" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    configure(notes CXX "portspan: Numba .*another/python3" "portspan_add_numba_callback(gain SOURCE callback.py)"
              "-DPORTSPAN_NUMBA_PYTHON=${FOLDER}/another/python3")
    build(notes "Compiling gain of callback.py with Numba")
endif()

# Whatever a folder is called: shells, makefiles and linkers all have their own idea of such characters.
set(odd "a b,c$d ä's")
configure("${odd}" CXX "Configuring done" "portspan_add_numba_callback(gain SOURCE callback.py)" "${python}")
build("${odd}" "Linking CXX shared module|Built target gain")

# A callback that cannot be compiled stops the build, and leaves no library.
file(WRITE "${FOLDER}/broken/callback.py" "import numba\n\ndef gain(:\n")
configure(broken CXX "Configuring done" "portspan_add_numba_callback(gain SOURCE callback.py)" "${python}")
build(broken "!callback.py:3: gain: syntax error: [^\n]* cure: ")
file(GLOB_RECURSE left "${FOLDER}/broken/build/*gain_numba*" "${FOLDER}/broken/build/*gain.hpp"
     "${FOLDER}/broken/build/*gain${CMAKE_SHARED_MODULE_SUFFIX}")
if(left)
    message(SEND_ERROR "broken: left behind: ${left}")
endif()

configure(no_source NONE "!portspan_add_numba_callback\\(gain\\): SOURCE is missing" "portspan_add_numba_callback(gain)")
configure(no_file NONE "!portspan_add_numba_callback\\(gain\\): there is no file [^ ]*/nowhere.py"
          "portspan_add_numba_callback(gain SOURCE nowhere.py)")
configure(unknown NONE "!unknown arguments: OPTIMISE;3 It takes SOURCE, FUNCTION, OBJECT, CPU, NO_VECTOR_MATH, ARENA and QUIET"
          "portspan_add_numba_callback(gain SOURCE callback.py OPTIMISE 3)")
configure(no_value NONE "!no value after CPU" "portspan_add_numba_callback(gain SOURCE callback.py CPU)")
configure(bad_arena NONE "!ARENA is '64k', it has to be a number of bytes"
          "portspan_add_numba_callback(gain SOURCE callback.py ARENA 64k)")
configure(small_arena NONE "!ARENA is '12', it has to be a number of bytes"
          "portspan_add_numba_callback(gain SOURCE callback.py ARENA 12)")
foreach(arena IN ITEMS 134217729 99999999999)
    configure(large_arena NONE "!ARENA is '${arena}', it has to be a number of bytes of at least 256 and at most 134217728"
              "portspan_add_numba_callback(gain SOURCE callback.py ARENA ${arena})")
endforeach()
configure(bad_name NONE "!FUNCTION is 'my-gain', which no Python function can be called"
          "portspan_add_numba_callback(my-gain SOURCE callback.py)")
configure(second_bad_name NONE "!FUNCTION is 'my-gain', which no Python function can be called"
          "portspan_add_numba_callback(both SOURCE callback.py FUNCTION gain my-gain)")
configure(twice NONE "!FUNCTION names a function twice: gain;gain"
          "portspan_add_numba_callback(both SOURCE callback.py FUNCTION gain gain)")
configure(no_python NONE "!no Python interpreter with Numba was found. Tried: /nowhere/python3: no such file .*python3-numba"
          "portspan_add_numba_callback(gain SOURCE callback.py)" "-DPORTSPAN_NUMBA_PYTHON=/nowhere/python3")
configure(no_numba NONE "!Tried: [^ ]*cmake[^ ]*: .*pip install numba.*PORTSPAN_NUMBA_PYTHON"
          "portspan_add_numba_callback(gain SOURCE callback.py)" "-DPORTSPAN_NUMBA_PYTHON=${CMAKE_COMMAND}")
configure(no_cxx C "!portspan_add_numba_callback needs C\\+\\+: project\\(\\.\\.\\. LANGUAGES CXX\\)"
          "portspan_add_numba_callback(gain SOURCE callback.py)" "${python}")
configure(asks NONE "found: FALSE: /nowhere/python3: no such file"
          "portspan_find_numba(found)\nmessage(STATUS \"found: \${found}: \${found_TRIED}\")"
          "-DPORTSPAN_NUMBA_PYTHON=/nowhere/python3")

# Which interpreter is taken: the caller's, then that of the active environment, then what the system has.
if(UNIX)
    foreach(kind IN ITEMS chosen environment/bin empty)
        file(WRITE "${FOLDER}/${kind}/python3" "#!/bin/sh\nexec \"${PYTHON}\" \"$@\"\n")
        file(CHMOD "${FOLDER}/${kind}/python3" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    endforeach()
    file(WRITE "${FOLDER}/empty/python3" "#!/bin/sh\necho \"ImportError: no numba here\" >&2\nexit 1\n")
    set(ask "portspan_find_numba(found)\nmessage(STATUS \"found: \${found}.\")")
    set(ENV{VIRTUAL_ENV} "${FOLDER}/environment")
    configure(prefers_the_callers NONE "found: ${FOLDER}/chosen/python3\\."
              "set(Python3_EXECUTABLE \"${FOLDER}/chosen/python3\")\n${ask}")
    configure(prefers_the_environment NONE "found: ${FOLDER}/environment/bin/python3\\." "${ask}")
    configure(goes_on NONE "found: ${FOLDER}/environment/bin/python3\\."
              "set(Python3_EXECUTABLE \"${FOLDER}/empty/python3\")\n${ask}")
    configure(says_why NONE "!Tried: ${FOLDER}/empty/python3: ImportError: no numba here"
              "portspan_add_numba_callback(gain SOURCE callback.py)" "-DPORTSPAN_NUMBA_PYTHON=${FOLDER}/empty/python3")
endif()
