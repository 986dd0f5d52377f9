# SPDX-License-Identifier: MIT
# The target `docs`: pages of the API by Doxygen. A public name without a sentence is an error.
find_package(Doxygen 1.9 QUIET)
find_program(PORTSPAN_DOCS_PYTHON NAMES python3 python)
mark_as_advanced(PORTSPAN_DOCS_PYTHON)
if(NOT TARGET Doxygen::doxygen OR NOT PORTSPAN_DOCS_PYTHON)
  add_custom_target(docs
    COMMAND "${CMAKE_COMMAND}" -E echo "docs: needs Doxygen 1.9 and Python 3 (cmake/setup.sh)"
    COMMAND "${CMAKE_COMMAND}" -E false VERBATIM)
  return()
endif()

set(docs_folder "${CMAKE_CURRENT_BINARY_DIR}/docs")
configure_file(cmake/docs/Doxyfile.in "${docs_folder}/Doxyfile" @ONLY)
set(docs_command "${PORTSPAN_DOCS_PYTHON}" -B "${CMAKE_CURRENT_SOURCE_DIR}/cmake/docs/docs.py"
  "${DOXYGEN_EXECUTABLE}" "${docs_folder}/Doxyfile" "${docs_folder}")
add_custom_target(docs COMMAND ${docs_command} USES_TERMINAL VERBATIM)
if(PORTSPAN_BUILD_TESTS AND NOT PORTSPAN_TEST_SCOPE STREQUAL "core")
  add_test(NAME "docs: every public name is documented" COMMAND ${docs_command})
  set_tests_properties("docs: every public name is documented" PROPERTIES TIMEOUT 120)
endif()
