# SPDX-License-Identifier: MIT
# Callbacks in other languages, where their compiler is found: lib<name>.so and the target <name>.
# The global property PORTSPAN_LANGUAGE_CALLBACKS has those that are made,
# PORTSPAN_LANGUAGES_MISSING says of the others why not.

# portspan_language_callback(<name> <source> <language> <compiler> <arguments>...)
function(portspan_language_callback name source language compiler)
  if(NOT compiler OR CMAKE_CROSSCOMPILING OR NOT UNIX)
    set_property(GLOBAL APPEND PROPERTY PORTSPAN_LANGUAGES_MISSING "${name}: no ${language} compiler")
    return()
  endif()
  # A name on the search path need not be a compiler: rustup's stands there without one, too.
  execute_process(COMMAND "${compiler}" --version RESULT_VARIABLE result
    OUTPUT_VARIABLE ignored ERROR_VARIABLE ignored)
  if(NOT result EQUAL 0)
    set_property(GLOBAL APPEND PROPERTY PORTSPAN_LANGUAGES_MISSING "${name}: ${compiler} does not work")
    return()
  endif()
  set(library "${CMAKE_CURRENT_BINARY_DIR}/lib${name}.so")
  add_custom_command(OUTPUT "${library}" DEPENDS "callbacks/${source}"
    COMMAND "${compiler}" ${ARGN} -o "${library}"
      "${CMAKE_CURRENT_SOURCE_DIR}/callbacks/${source}"
    WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${library}")
  set_target_properties(${name} PROPERTIES CALLBACK_LIBRARY "${library}")
  set_property(GLOBAL APPEND PROPERTY PORTSPAN_LANGUAGE_CALLBACKS ${name})
endfunction()

find_program(PORTSPAN_RUSTC rustc)
find_program(PORTSPAN_FORTRAN NAMES gfortran
  gfortran-16 gfortran-15 gfortran-14 gfortran-13 gfortran-12 gfortran-11 gfortran-10 flang-new)
mark_as_advanced(PORTSPAN_RUSTC PORTSPAN_FORTRAN)
portspan_language_callback(stereo_width stereo_width.rs Rust "${PORTSPAN_RUSTC}"
  --edition 2021 --crate-type cdylib -C panic=abort -O)
portspan_language_callback(crossfeed crossfeed.f90 Fortran "${PORTSPAN_FORTRAN}"
  -shared -fPIC -O2)
