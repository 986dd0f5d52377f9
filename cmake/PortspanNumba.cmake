# SPDX-License-Identifier: MIT
# portspan_add_numba_callback(<target>
#   SOURCE <file.py> [FUNCTION <name>...]      the callbacks; one with the target's name unless given
#   [OBJECT]                                   object code to link into a program, instead of a library to load
#   [CPU generic|native|<name>]                generic runs everywhere and is the default; on a machine that lacks what
#                                              another one has, a call ends the stream and <function>_error() says why
#   [NO_VECTOR_MATH]                           loops over sin, tanh, exp and others compute one number at a time, with
#                                              the C library's own errors. Without it they call glibc's libmvec where
#                                              there is one: several times as fast, up to 4 units in the last place off
#   [QUIET]                                    nothing is said of what would cost less in another way; of a dry run
#                                              (below) that crashes or hangs it is
#   [ARENA <bytes>])                           memory for the array temporaries of one call, at most 134217728. There are
#                                              eight such arenas, so eight calls may be under way at once. Without it the
#                                              callback is run at build time, in a process of its own with a state of
#                                              zeros, on blocks of up to 8192 frames; it gets twice of what that takes,
#                                              and 262144 at least
#
# makes a MODULE library <target> that exports for each callback the C symbols <function>, <function>_error (why it has
# aborted) and <function>_portspan (what it says about itself), and an INTERFACE library <target>_headers whose header
# declares them and the callbacks' states. It is <function>.hpp, or <target>.hpp where there are several. Python is needed
# to build, never to run. Of a callback with a state there is its layout as well, <function>_portspan_state, and what a
# new one holds where that is not zeros, <function>_portspan_initial (description.h).
#
# A program that loads the library links <target>_headers: CMake links no program with a MODULE library, and refuses
# target_link_libraries(app <target>) in words of its own. With OBJECT a program links <target>, which brings the code
# and the header.
#
# portspan_find_numba(<variable>)
#
# sets <variable> to a Python interpreter that has Numba, or to FALSE and <variable>_TRIED to what was tried and why not.
# PORTSPAN_NUMBA_PYTHON, a cache variable, keeps the answer and can be set.

cmake_policy(VERSION 3.24)

function(portspan_find_numba variable)
    set(${variable}_TRIED "" PARENT_SCOPE)
    get_property(accepted GLOBAL PROPERTY _portspan_numba_accepted)
    if(PORTSPAN_NUMBA_PYTHON AND PORTSPAN_NUMBA_PYTHON STREQUAL "${accepted}")
        set(${variable} "${PORTSPAN_NUMBA_PYTHON}" PARENT_SCOPE)
        return()
    endif()
    get_property(tried GLOBAL PROPERTY _portspan_numba_tried)
    get_property(searched GLOBAL PROPERTY _portspan_numba_tried SET)
    if(searched AND NOT PORTSPAN_NUMBA_PYTHON)
        set(${variable} FALSE PARENT_SCOPE)
        set(${variable}_TRIED "${tried}" PARENT_SCOPE)
        return()
    endif()

    # An interpreter that somebody chose is the only one; otherwise the likeliest first.
    if(PORTSPAN_NUMBA_PYTHON)
        set(candidates "${PORTSPAN_NUMBA_PYTHON}")
    else()
        set(candidates "${Python3_EXECUTABLE}" "${Python_EXECUTABLE}")
        foreach(prefix IN ITEMS "$ENV{VIRTUAL_ENV}" "$ENV{CONDA_PREFIX}")
            if(prefix)
                list(APPEND candidates "${prefix}/bin/python3" "${prefix}/Scripts/python.exe" "${prefix}/python.exe")
            endif()
        endforeach()
        set(names python3 python)
        foreach(minor RANGE 15 9 -1)
            list(APPEND names python3.${minor})
        endforeach()
        foreach(name IN LISTS names)
            find_program(found ${name} NO_CACHE)
            list(APPEND candidates "${found}")
            unset(found)
            if(name STREQUAL "python3")
                list(APPEND candidates /usr/bin/python3 /opt/homebrew/bin/python3 /usr/local/bin/python3)
            endif()
        endforeach()
    endif()
    list(REMOVE_DUPLICATES candidates)

    set(tried "")
    foreach(candidate IN LISTS candidates)
        if(NOT EXISTS "${candidate}")
            if(PORTSPAN_NUMBA_PYTHON)
                string(APPEND tried "  ${candidate}: no such file\n")
            endif()
            continue()
        endif()
        execute_process(
            COMMAND "${candidate}" -B -c
                    "import sys, numba, llvmlite; print(numba.__version__, '%d.%d' % sys.version_info[:2])"
            RESULT_VARIABLE failed
            OUTPUT_VARIABLE versions
            ERROR_VARIABLE why
            OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
        if(failed STREQUAL "0")
            string(REPLACE " " ", Python " versions "${versions}")
            message(STATUS "portspan: Numba ${versions} (${candidate})")
            set_property(GLOBAL PROPERTY _portspan_numba_accepted "${candidate}")
            set(PORTSPAN_NUMBA_PYTHON "${candidate}" CACHE FILEPATH "The Python interpreter that compiles Numba callbacks")
            set(${variable} "${candidate}" PARENT_SCOPE)
            return()
        endif()
        # The last line of a traceback says it all.
        string(REGEX REPLACE ".*\n" "" why "${why}")
        if(why STREQUAL "")
            set(why "it ended with ${failed}")
        endif()
        string(APPEND tried "  ${candidate}: ${why}\n")
    endforeach()
    if(tried STREQUAL "")
        set(tried "  there is no Python interpreter at all\n")
    endif()
    set_property(GLOBAL PROPERTY _portspan_numba_tried "${tried}")
    set(${variable} FALSE PARENT_SCOPE)
    set(${variable}_TRIED "${tried}" PARENT_SCOPE)
endfunction()

# glibc has vector mathematics for x86-64 since 2.22, of all functions since 2.35, and for aarch64 since 2.38.
function(_portspan_find_libmvec variable)
    find_library(PORTSPAN_LIBMVEC mvec)
    mark_as_advanced(PORTSPAN_LIBMVEC)
    get_property(said GLOBAL PROPERTY _portspan_said_no_libmvec)
    if(NOT PORTSPAN_LIBMVEC AND NOT said)
        message(STATUS "portspan: no libmvec here (glibc's vector mathematics): loops over sin, tanh and others in Numba "
                       "callbacks compute one number at a time")
        set_property(GLOBAL PROPERTY _portspan_said_no_libmvec TRUE)
    endif()
    set(${variable} "${PORTSPAN_LIBMVEC}" PARENT_SCOPE)
endfunction()

function(portspan_add_numba_callback target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "OBJECT;NO_VECTOR_MATH;QUIET" "SOURCE;CPU;ARENA" "FUNCTION")
    set(call "portspan_add_numba_callback(${target})")
    if(DEFINED arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${call}: unknown arguments: ${arg_UNPARSED_ARGUMENTS}\n"
                            "It takes SOURCE, FUNCTION, OBJECT, CPU, NO_VECTOR_MATH, ARENA and QUIET.")
    endif()
    if(DEFINED arg_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "${call}: no value after ${arg_KEYWORDS_MISSING_VALUES}")
    endif()
    if(NOT DEFINED arg_SOURCE)
        message(FATAL_ERROR "${call}: SOURCE is missing, the Python file with the callback")
    endif()
    cmake_path(ABSOLUTE_PATH arg_SOURCE BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE source)
    if(NOT EXISTS "${source}" OR IS_DIRECTORY "${source}")
        message(FATAL_ERROR "${call}: there is no file ${source}")
    endif()
    if(NOT DEFINED arg_FUNCTION)
        set(arg_FUNCTION "${target}")
    endif()
    foreach(function IN LISTS arg_FUNCTION)
        if(NOT function MATCHES "^[A-Za-z][A-Za-z0-9_]*$")
            message(FATAL_ERROR "${call}: FUNCTION is '${function}', which no Python function can be called.\n"
                                "The target's name is taken where FUNCTION is not given.")
        endif()
    endforeach()
    set(unique ${arg_FUNCTION})
    list(REMOVE_DUPLICATES unique)
    if(NOT unique STREQUAL "${arg_FUNCTION}")
        message(FATAL_ERROR "${call}: FUNCTION names a function twice: ${arg_FUNCTION}")
    endif()
    if(NOT DEFINED arg_CPU)
        set(arg_CPU generic)
    endif()
    set(arena "")
    if(DEFINED arg_ARENA)
        set(arena --arena "${arg_ARENA}")
    endif()
    if(DEFINED arg_ARENA
       AND (NOT arg_ARENA MATCHES "^[1-9][0-9]*$" OR arg_ARENA LESS 256 OR arg_ARENA GREATER 134217728))
        message(FATAL_ERROR "${call}: ARENA is '${arg_ARENA}', it has to be a number of bytes of at least 256 and at "
                            "most 134217728: there are eight of them, 1 GiB in all")
    endif()
    if(CMAKE_CROSSCOMPILING)
        message(FATAL_ERROR "${call}: Numba compiles for the machine that it runs on, this build is for another "
                            "(${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR})")
    endif()
    portspan_find_numba(python)
    if(NOT python)
        message(FATAL_ERROR "${call}: no Python interpreter with Numba was found. Tried:\n${python_TRIED}"
                            "Install it (apt install python3-numba, or pip install numba), or name an interpreter that "
                            "has it with -DPORTSPAN_NUMBA_PYTHON=<path>.")
    endif()

    # A variable, not the property of enabled languages: another folder's C++ is of no use to this one.
    if(NOT CMAKE_CXX_COMPILER_LOADED)
        message(FATAL_ERROR "portspan_add_numba_callback needs C++: project(... LANGUAGES CXX)")
    endif()

    set(folder "${CMAKE_CURRENT_BINARY_DIR}/portspan/${target}")
    set(objects "")
    set(runtimes "")
    set(exports "")
    foreach(function IN LISTS arg_FUNCTION)
        list(APPEND objects "${folder}/${function}_numba${CMAKE_CXX_OUTPUT_EXTENSION}")
        list(APPEND runtimes "${folder}/${function}_runtime.cpp")
        # A pattern: which of the names there are, only the compiled file knows.
        string(APPEND exports " ${function}; ${function}_error; ${function}_portspan*;")
    endforeach()
    list(LENGTH arg_FUNCTION count)
    set(header "${folder}/include/${target}.hpp")
    if(count EQUAL 1)
        set(header "${folder}/include/${arg_FUNCTION}.hpp")
    endif()
    set(exporter "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/portspan_export.py")
    file(GLOB modules "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/portspan_exporter/*.py")
    cmake_path(GET source FILENAME name)
    set(flags "")
    if(NOT arg_OBJECT)
        list(APPEND flags --module)
    endif()
    if(arg_QUIET)
        list(APPEND flags --quiet)
    endif()
    set(libmvec "")
    if(NOT arg_NO_VECTOR_MATH)
        _portspan_find_libmvec(found)
        if(found)
            # One word, so that CMake moves none of it: a program that calls nothing of libmvec does not need it either.
            set(libmvec "-Wl,--push-state,--as-needed,-lmvec,--pop-state")
        endif()
    endif()
    if(NOT libmvec)
        list(APPEND flags --no-vector-math)
    endif()
    list(JOIN arg_FUNCTION ", " functions)
    add_custom_command(
        OUTPUT ${objects} ${runtimes} "${header}"
        COMMAND "${python}" -B "${exporter}" --source "${source}" --function ${arg_FUNCTION} --folder "${folder}" --extension
                "${CMAKE_CXX_OUTPUT_EXTENSION}" --header "${header}" --depfile "${folder}/${target}.d" --cpu "${arg_CPU}"
                ${arena} ${flags}
        DEPENDS "${source}" "${exporter}" ${modules}
        DEPFILE "${folder}/${target}.d"
        COMMENT "Compiling ${functions} of ${name} with Numba"
        VERBATIM)
    # One place that makes the files, however many targets of a Makefile want them.
    add_custom_target(${target}_export DEPENDS ${objects} ${runtimes} "${header}")

    if(arg_OBJECT)
        add_library(${target} OBJECT ${runtimes} "${header}" ${objects})
        # CMake passes on the objects that it compiles itself, not those that a command has made.
        target_link_libraries(${target} INTERFACE ${objects})
        if(UNIX)
            target_link_libraries(${target} INTERFACE ${libmvec} m)
        endif()
        set(headers ${target})
        set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    else()
        add_library(${target} MODULE ${runtimes} "${header}" ${objects})
        target_compile_definitions(${target} PRIVATE PORTSPAN_CALLBACK_MODULE)
        if(UNIX AND NOT APPLE)
            # The C++ compiler links its run-time libraries whether or not anything in here needs them.
            target_link_options(${target} PRIVATE LINKER:--as-needed)
            # LINKER: would split the path at its commas, and link options change a dollar sign. This property goes to
            # the shell as it is.
            string(REPLACE "'" "'\\''" map "${folder}/${target}.map")
            set_property(TARGET ${target} APPEND_STRING PROPERTY LINK_FLAGS " -Xlinker '--version-script=${map}'")
            file(CONFIGURE OUTPUT "${folder}/${target}.map" CONTENT "{ global:${exports} local: *; };\n")
        endif()
        if(UNIX)
            target_link_libraries(${target} PRIVATE ${libmvec} m)
        endif()
        set(headers ${target}_headers)
        add_library(${headers} INTERFACE)
    endif()
    add_dependencies(${target} ${target}_export)
    add_dependencies(${headers} ${target}_export)
    target_include_directories(${headers} INTERFACE "${folder}/include")
    if(TARGET portspan::headers)
        target_link_libraries(${headers} INTERFACE portspan::headers)
    endif()

    # The runtime is not the caller's code: neither their warnings nor their linters are meant for it.
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
    target_compile_options(
        ${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-w;-fno-exceptions;-fno-rtti>"
                          "$<$<CXX_COMPILER_ID:MSVC>:/w>"
                          # Its symbol has the types of the header, or of PaStreamCallback: those of whoever calls it.
                          "$<$<CXX_COMPILER_ID:Clang,AppleClang>:-fno-sanitize=function>")
    set_target_properties(
        ${target}
        PROPERTIES CXX_VISIBILITY_PRESET hidden
                   CXX_CLANG_TIDY ""
                   CXX_CPPCHECK ""
                   CXX_INCLUDE_WHAT_YOU_USE ""
                   UNITY_BUILD OFF
                   LINKER_LANGUAGE CXX)
    set_source_files_properties(${objects} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endfunction()
