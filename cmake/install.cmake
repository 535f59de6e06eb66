# SPDX-License-Identifier: Apache-2.0
# The package: programs, headers, libraries and the CMake functions that a project with its own RTL needs (docs/your-rtl.md).
include(GNUInstallDirs)
set(systole_package ${CMAKE_INSTALL_LIBDIR}/cmake/systole)

# systole_closure(result target ...): the targets of this project that these link, themselves included.
function(systole_closure result)
  set(found "")
  set(open ${ARGN})
  while(open)
    list(POP_FRONT open target)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" target "${target}")
    if(target IN_LIST found OR NOT TARGET ${target})
      continue()
    endif()
    get_target_property(imported ${target} IMPORTED)
    get_target_property(alias ${target} ALIASED_TARGET)
    if(imported OR alias OR target STREQUAL systemc)  # found again by the package's user
      continue()
    endif()
    list(APPEND found ${target})
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(links ${target} ${property})
      if(links)
        list(APPEND open ${links})
      endif()
    endforeach()
  endwhile()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# Eigen's types are laid out by it: whoever links this build must have the same, whatever -march says there.
if(NOT SYSTOLE_EIGEN_ALIGNMENT)
  file(WRITE ${CMAKE_BINARY_DIR}/alignment.cpp "#include <Eigen/Core>\n#include <iostream>\nint main() { std::cout << EIGEN_MAX_ALIGN_BYTES; }\n")
  get_directory_property(options COMPILE_OPTIONS)
  get_directory_property(link_options LINK_OPTIONS)
  get_target_property(eigen Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
  try_run(runs compiles ${CMAKE_BINARY_DIR}/alignment ${CMAKE_BINARY_DIR}/alignment.cpp CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${eigen} COMPILE_DEFINITIONS ${options}
          LINK_OPTIONS ${link_options} COMPILE_OUTPUT_VARIABLE compiler RUN_OUTPUT_VARIABLE bytes)
  if(NOT bytes MATCHES "^[0-9]+$")
    message(FATAL_ERROR "EIGEN_MAX_ALIGN_BYTES is not known: ${bytes}\n${compiler}")
  endif()
  set(SYSTOLE_EIGEN_ALIGNMENT ${bytes} CACHE INTERNAL "EIGEN_MAX_ALIGN_BYTES of this build")
endif()

systole_closure(systole_parts systole_cli_dut systole_adapter systole_main)
target_compile_definitions(systole_op PUBLIC $<INSTALL_INTERFACE:EIGEN_MAX_ALIGN_BYTES=${SYSTOLE_EIGEN_ALIGNMENT}>)
install(TARGETS ${systole_parts} systole_make_mutants EXPORT systole RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/systole ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/systole OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/systole)
add_custom_target(systole_package DEPENDS systole systole-vectors systole_make_mutants systole_word_shell_file ${systole_parts})  # what `cmake --install` needs
install(TARGETS systole systole-vectors RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT systole FILE systoleTargets.cmake DESTINATION ${systole_package})
install(DIRECTORY accel base cli golden models sim vectors DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/systole FILES_MATCHING PATTERN "*.h" PATTERN train EXCLUDE)
install(FILES cmake/dependencies.cmake cmake/duts.cmake cmake/rtl.cmake cmake/tried_versions.cmake cmake/verilate.cmake signoff/netlist/netlist.ys.in sim/dut/registry.cpp.in sim/dut/verilated_end.cpp sim/dut/verilated_widths.h
        ${CMAKE_BINARY_DIR}/word_shell.v
        DESTINATION ${systole_package})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/systole/models FILES_MATCHING PATTERN network.json PATTERN "*.bin" PATTERN dataset EXCLUDE
                                                                                                PATTERN train EXCLUDE)
configure_file(cmake/systoleConfig.cmake.in ${CMAKE_BINARY_DIR}/systoleConfig.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/systoleConfigVersion.cmake VERSION ${PROJECT_VERSION} COMPATIBILITY ExactVersion)
install(FILES ${CMAKE_BINARY_DIR}/systoleConfig.cmake ${CMAKE_BINARY_DIR}/systoleConfigVersion.cmake DESTINATION ${systole_package})
