# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set_target_properties(portspan_headers PROPERTIES EXPORT_NAME headers)
set_target_properties(portspan_mock PROPERTIES EXPORT_NAME mock)
install(TARGETS portspan_headers portspan portspan_mock EXPORT portspan
  FILE_SET HEADERS FILE_SET host_headers)
install(DIRECTORY tests/mock/src/ DESTINATION "${CMAKE_INSTALL_DATADIR}/portspan/mock")
set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/portspan")
install(EXPORT portspan NAMESPACE portspan:: FILE portspanTargets.cmake DESTINATION ${package_dir})

configure_package_config_file(cmake/portspanConfig.cmake.in portspanConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(portspanConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/portspanConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/portspanConfigVersion.cmake"
  cmake/FindPortAudio.cmake
  cmake/PortspanNumba.cmake
  cmake/portspan_export.py
  cmake/portspan_numba.py
  cmake/portspan_numba_cpu.h
  cmake/portspan_numba_runtime.cpp
  DESTINATION ${package_dir})
install(DIRECTORY cmake/portspan_exporter DESTINATION ${package_dir} FILES_MATCHING PATTERN "*.py")
if(TARGET run_callback)
  install(TARGETS run_callback)
endif()
