# SPDX-License-Identifier: MIT
# Compiles SOURCE with what COMMAND says. Without MISUSE it has to pass, without a warning: the
# positive twins. With one, and PRECOMPILED before it, it has to fail, and the first error with its
# notes has to say EXPECTED.
set(ENV{LC_ALL} C)
if(MISUSE)
  list(APPEND COMMAND "-D${MISUSE}")
  if(PRECOMPILED)
    list(APPEND COMMAND -include "${PRECOMPILED}")
  endif()
endif()
execute_process(COMMAND ${COMMAND} -fsyntax-only "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
message("${said}")

if(NOT MISUSE)
  if(NOT result STREQUAL "0" OR said MATCHES "warning:")
    message(FATAL_ERROR "it does not compile, or with warnings")
  endif()
  return()
endif()

if(result STREQUAL "0")
  message(FATAL_ERROR "it compiles")
endif()
string(FIND "${said}" "error: " begin)
string(SUBSTRING "${said}" ${begin} -1 first_error)
string(FIND "${first_error}" "\n" line_end)
string(SUBSTRING "${first_error}" ${line_end} -1 rest)
string(FIND "${rest}" "error: " next)
if(next GREATER -1)
  math(EXPR length "${line_end} + ${next}")
  string(SUBSTRING "${first_error}" 0 ${length} first_error)
endif()
# A list of alternatives, each as it is: messages are full of what regular expressions give meaning.
foreach(text IN LISTS EXPECTED)
  string(FIND "${first_error}" "${text}" found)
  if(found GREATER -1)
    return()
  endif()
endforeach()
message(FATAL_ERROR "the first error does not say: ${EXPECTED}")
