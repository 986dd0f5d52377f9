# SPDX-License-Identifier: MIT
# For a compiler that has neither PortAudio nor Catch2: the headers of this machine's, which need no
# library. In a folder of links, since /usr/include has the headers of another system beside them.
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
set(foreign_headers "${CMAKE_BINARY_DIR}/headers")
file(MAKE_DIRECTORY "${foreign_headers}")
foreach(header portaudio.h catch2)
  find_path(foreign_path ${header} PATHS /usr/include NO_CACHE NO_CMAKE_FIND_ROOT_PATH)
  if(NOT foreign_path)
    message(FATAL_ERROR "${header} is missing: apt-get install portaudio19-dev catch2")
  endif()
  file(CREATE_LINK "${foreign_path}/${header}" "${foreign_headers}/${header}" SYMBOLIC)
  unset(foreign_path)
endforeach()

if(CMAKE_CROSSCOMPILING)
  add_library(PortAudio::portaudio INTERFACE IMPORTED GLOBAL)
  target_include_directories(PortAudio::portaudio INTERFACE "${foreign_headers}")
endif()
