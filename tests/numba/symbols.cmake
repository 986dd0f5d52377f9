# SPDX-License-Identifier: MIT
# A library exports three functions and a constant for each callback, the layout of a state of fields, and what this holds
# at first where that is not zeros; nothing else. It needs no library beyond libc and libm, or libmvec where it calls
# vector mathematics.

cmake_minimum_required(VERSION 3.24)

execute_process(COMMAND "${READELF}" --wide --dyn-syms "${LIBRARY}" OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "(GLOBAL|WEAK) +DEFAULT +[0-9]+ [^ \n]+" defined "${table}")
list(TRANSFORM defined REPLACE ".* " "")
list(SORT defined)
set(expected "")
foreach(list IN ITEMS FUNCTIONS WITH_STATE WITH_DEFAULTS)
    string(REPLACE "," ";" ${list} "${${list}}")
endforeach()
foreach(function IN LISTS FUNCTIONS)
    list(APPEND expected "${function}" "${function}_error" "${function}_portspan" "${function}_portspan_error")
    if(function IN_LIST WITH_STATE)
        list(APPEND expected "${function}_portspan_state")
    endif()
    if(function IN_LIST WITH_DEFAULTS)
        list(APPEND expected "${function}_portspan_initial")
    endif()
endforeach()
list(SORT expected)
if(NOT defined STREQUAL expected)
    message(FATAL_ERROR "${LIBRARY} exports: ${defined}")
endif()

execute_process(COMMAND "${READELF}" --wide --dynamic "${LIBRARY}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
# A bracket in a list would keep CMake from seeing where an element ends.
string(REGEX REPLACE "[][]" " " dynamic "${dynamic}")
string(REGEX MATCHALL "NEEDED[^\n]* lib[^ \n]+" needed "${dynamic}")
list(TRANSFORM needed REPLACE ".* " "")
if(NOT dynamic MATCHES "Dynamic section.*SYMTAB")
    message(FATAL_ERROR "${LIBRARY} has no dynamic section that could be read: ${dynamic}")
endif()
# A build with sanitizers or coverage adds libraries of its own.
list(FILTER needed EXCLUDE REGEX "^lib(c|m|asan|ubsan|tsan)\\.so")
if(table MATCHES " UND _ZGV" AND NOT "libmvec.so.1" IN_LIST needed)
    message(FATAL_ERROR "${LIBRARY} calls libmvec without naming it")
elseif(table MATCHES " UND _ZGV")
    list(REMOVE_ITEM needed libmvec.so.1)
endif()
if(needed)
    message(FATAL_ERROR "${LIBRARY} needs: ${needed}")
endif()
if(dynamic MATCHES "TEXTREL")
    message(FATAL_ERROR "${LIBRARY} is not position independent")
endif()

execute_process(COMMAND "${READELF}" --wide --program-headers "${LIBRARY}" OUTPUT_VARIABLE headers
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT headers MATCHES "GNU_STACK[^\n]* RW " OR headers MATCHES "GNU_STACK[^\n]* RWE ")
    message(FATAL_ERROR "${LIBRARY} asks for an executable stack")
endif()
