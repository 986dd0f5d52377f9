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
    if(NOT _portaudio_origin AND TARGET ${_portaudio_target})
      set(_portaudio_origin ${_portaudio_target})
    endif()
  endforeach()
endmacro()

unset(_portaudio_origin)
_portaudio_adopt_target()

if(NOT _portaudio_origin)
  foreach(_portaudio_package PortAudio portaudio)
    if(NOT _portaudio_origin)
      # Global: portspan may be a subdirectory, and its parent links what is found here.
      find_package(${_portaudio_package} CONFIG QUIET GLOBAL)
      _portaudio_adopt_target()
    endif()
  endforeach()
endif()

if(NOT _portaudio_origin)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    # No version: Debian's file says 19, others say 19.7.
    pkg_check_modules(PORTAUDIO QUIET IMPORTED_TARGET GLOBAL portaudio-2.0)
    if(TARGET PkgConfig::PORTAUDIO)
      set(_portaudio_origin PkgConfig::PORTAUDIO)
    endif()
  endif()
endif()

if(NOT _portaudio_origin)
  find_path(PortAudio_INCLUDE_DIR portaudio.h)
  find_library(PortAudio_LIBRARY NAMES portaudio portaudio_static portaudio_x64 libportaudio)
  mark_as_advanced(PortAudio_INCLUDE_DIR PortAudio_LIBRARY)
  if(PortAudio_INCLUDE_DIR AND PortAudio_LIBRARY)
    add_library(portspan_found_portaudio UNKNOWN IMPORTED GLOBAL)
    set_target_properties(portspan_found_portaudio PROPERTIES
      IMPORTED_LOCATION "${PortAudio_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${PortAudio_INCLUDE_DIR}")
    set(_portaudio_origin portspan_found_portaudio)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PortAudio
  REQUIRED_VARS _portaudio_origin
  REASON_FAILURE_MESSAGE "no CMake target or package of PortAudio, no pkg-config module \
portaudio-2.0, no portaudio.h with its library. Install PortAudio's development files (portaudio19-dev on \
Debian and Ubuntu, portaudio-devel on Fedora, portaudio on Arch and in Homebrew) or add PortAudio \
to the build before portspan")

if(PortAudio_FOUND AND NOT TARGET PortAudio::portaudio)
  # Not an ALIAS: an imported target cannot be aliased in every directory that needs it.
  add_library(PortAudio::portaudio INTERFACE IMPORTED GLOBAL)
  target_link_libraries(PortAudio::portaudio INTERFACE ${_portaudio_origin})
  get_target_property(_portaudio_type ${_portaudio_origin} TYPE)
  if(_portaudio_origin STREQUAL "portaudio" OR _portaudio_origin STREQUAL "portaudio_static")
    get_target_property(_portaudio_imported ${_portaudio_origin} IMPORTED)
    get_target_property(_portaudio_dir ${_portaudio_origin} SOURCE_DIR)
    if(NOT _portaudio_imported AND EXISTS "${_portaudio_dir}/include/portaudio.h")
      # Older sources set the include path for their own folder only.
      target_include_directories(PortAudio::portaudio INTERFACE "${_portaudio_dir}/include")
    endif()
  endif()
endif()
unset(_portaudio_origin)
unset(_portaudio_targets)
