# SPDX-License-Identifier: MIT
# Every function of the mock's in a program is one that its shared libraries find.
#   NM PROGRAM
function(functions_of variable)
  execute_process(COMMAND "${NM}" --defined-only ${ARGN} "${PROGRAM}"
    OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL " T Pa[A-Za-z]*_[A-Za-z]+" found "${said}")
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

functions_of(hidden)
list(LENGTH hidden count)
if(count LESS 40)
  message(FATAL_ERROR "only ${count} functions: is it the mock?")
endif()
functions_of(exported --dynamic)
list(REMOVE_ITEM hidden ${exported})
if(hidden)
  message(FATAL_ERROR "no shared library sees them: ${hidden}")
endif()
