# SPDX-License-Identifier: MIT
#[[
FindPortAudio: always yields the target PortAudio::portaudio, whatever PortAudio is called here.

Looks for, in this order: a target that exists already (a parent project that added PortAudio),
a config package (PortAudio of the 2026 sources, portaudio of 19.7 and vcpkg), pkg-config's
portaudio-2.0 (all that Debian 12 has), a plain search for portaudio.h and the library.
]]

set(_portaudio_targets PortAudio::portaudio PortAudio::PortAudio portaudio portaudio_static)

macro(_portaudio_adopt_target)
  foreach(_portaudio_target IN LISTS _portaudio_targets)
    if(NOT PortAudio_TARGET AND TARGET ${_portaudio_target})
      set(PortAudio_TARGET ${_portaudio_target})
    endif()
  endforeach()
endmacro()

unset(PortAudio_TARGET)
_portaudio_adopt_target()

if(NOT PortAudio_TARGET)
  foreach(_portaudio_package PortAudio portaudio)
    if(NOT PortAudio_TARGET)
      # Global: portspan may be a subdirectory, and its parent links what is found here.
      find_package(${_portaudio_package} CONFIG QUIET GLOBAL)
      _portaudio_adopt_target()
    endif()
  endforeach()
endif()

if(NOT PortAudio_TARGET)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    # No version: Debian's file says 19, others say 19.7.
    pkg_check_modules(PORTAUDIO QUIET IMPORTED_TARGET GLOBAL portaudio-2.0)
    if(TARGET PkgConfig::PORTAUDIO)
      set(PortAudio_TARGET PkgConfig::PORTAUDIO)
    endif()
  endif()
endif()

if(NOT PortAudio_TARGET)
  find_path(PortAudio_INCLUDE_DIR portaudio.h)
  find_library(PortAudio_LIBRARY NAMES portaudio portaudio_static portaudio_x64 libportaudio)
  mark_as_advanced(PortAudio_INCLUDE_DIR PortAudio_LIBRARY)
  if(PortAudio_INCLUDE_DIR AND PortAudio_LIBRARY)
    add_library(portspan_found_portaudio UNKNOWN IMPORTED GLOBAL)
    set_target_properties(portspan_found_portaudio PROPERTIES
      IMPORTED_LOCATION "${PortAudio_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${PortAudio_INCLUDE_DIR}")
    set(PortAudio_TARGET portspan_found_portaudio)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PortAudio
  REQUIRED_VARS PortAudio_TARGET
  REASON_FAILURE_MESSAGE "no CMake target or package of PortAudio, no pkg-config module \
portaudio-2.0, no portaudio.h with its library. Install PortAudio's development files (portaudio19-dev on \
Debian and Ubuntu, portaudio-devel on Fedora, portaudio on Arch and in Homebrew) or add PortAudio \
to the build before portspan")

if(PortAudio_FOUND AND NOT TARGET PortAudio::portaudio)
  # Not an ALIAS: an imported target cannot be aliased in every directory that needs it.
  add_library(PortAudio::portaudio INTERFACE IMPORTED GLOBAL)
  target_link_libraries(PortAudio::portaudio INTERFACE ${PortAudio_TARGET})
  if(PortAudio_TARGET STREQUAL "portaudio" OR PortAudio_TARGET STREQUAL "portaudio_static")
    get_target_property(_portaudio_imported ${PortAudio_TARGET} IMPORTED)
    get_target_property(_portaudio_dir ${PortAudio_TARGET} SOURCE_DIR)
    if(NOT _portaudio_imported AND EXISTS "${_portaudio_dir}/include/portaudio.h")
      # Older sources set the include path for their own folder only.
      target_include_directories(PortAudio::portaudio INTERFACE "${_portaudio_dir}/include")
    endif()
  endif()
endif()
unset(PortAudio_TARGET)
unset(_portaudio_targets)
