# SPDX-License-Identifier: MIT
# For the toolchain files: a program that is missing is one sentence, with the Debian package.
function(portspan_needs program package)
  find_program(portspan_found_${program} ${program} NO_CACHE NO_CMAKE_FIND_ROOT_PATH ${ARGN})
  if(NOT portspan_found_${program})
    message(FATAL_ERROR "${program} is missing: apt-get install ${package}")
  endif()
  set(portspan_found "${portspan_found_${program}}" PARENT_SCOPE)
endfunction()
