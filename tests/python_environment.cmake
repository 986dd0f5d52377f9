# SPDX-License-Identifier: MIT
# python_environment(<folder> <module> <package>...) makes a virtual environment in that folder with the newest
# packages of PyPI, so that nothing is installed on the machine. `python` is then its interpreter; `why` says why
# `module` cannot be imported there, and is empty where it can.

function(python_environment folder module)
    set(python "${folder}/bin/python")
    set(python "${python}" PARENT_SCOPE)
    set(why "" PARENT_SCOPE)
    # The first one that can make an environment; not every version of Python has a Numba.
    foreach(name IN ITEMS python3.11 python3.12 python3.13 python3.10 python3)
        if(EXISTS "${python}")
            break()
        endif()
        find_program(found NAMES ${name} NO_CACHE)
        if(found)
            execute_process(COMMAND "${found}" -m venv --clear "${folder}" RESULT_VARIABLE result OUTPUT_QUIET
                            ERROR_QUIET)
            if(NOT result EQUAL 0)
                file(REMOVE_RECURSE "${folder}")
            endif()
        endif()
        unset(found)
    endforeach()
    if(NOT EXISTS "${python}")
        set(why "no Python that can make a virtual environment" PARENT_SCOPE)
        return()
    endif()

    execute_process(
        COMMAND "${python}" -m pip install --quiet --disable-pip-version-check --no-input --retries 1 --timeout 20
                --only-binary :all: --upgrade ${ARGN}
        RESULT_VARIABLE result
        OUTPUT_VARIABLE text
        ERROR_VARIABLE text
        TIMEOUT 300)
    # What does not load need not be missing: sounddevice ends so where there is no PortAudio.
    execute_process(COMMAND "${python}" -c "import importlib.util, sys; sys.exit(not importlib.util.find_spec('${module}'))"
                    RESULT_VARIABLE there)
    if(NOT there EQUAL 0)
        string(STRIP "${text}" text)
        string(REGEX REPLACE ".*\n" "" text "${text}")
        set(why "no ${module} from PyPI: ${text}" PARENT_SCOPE)
    elseif(NOT result EQUAL 0)
        message(STATUS "PyPI does not answer, ${module} is the one of an earlier run")
    endif()
endfunction()
