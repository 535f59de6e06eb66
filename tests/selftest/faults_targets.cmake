# SPDX-License-Identifier: Apache-2.0
# The copy of the accelerator with all faults planted, and the tests that demand that each is caught. Small parameters: the copy
# is slower to build and to run than the original.
include(${CMAKE_CURRENT_LIST_DIR}/faults.cmake)
systole_plant_faults(${CMAKE_CURRENT_LIST_DIR}/faults.tsv ${CMAKE_CURRENT_BINARY_DIR}/faulty_rtl faulty_sources)

# Lint warnings of mutated text say nothing; the names that the bench reads are those of the original.
set(faulty_vlt ${CMAKE_CURRENT_BINARY_DIR}/faulty_rtl/faulty.vlt)
file(READ ${PROJECT_SOURCE_DIR}/accel/dut/dut.vlt public_names)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/accel/dut/dut.vlt)
file(CONFIGURE OUTPUT ${faulty_vlt} CONTENT "${public_names}\nlint_off -rule WIDTH\nlint_off -rule UNSIGNED\n" @ONLY)

systole_verilate(accel_faulty TOP accel PREFIX Vaccel_faulty TRACE vcd VLT ${faulty_vlt}
                 PARAMS Rows=4 Cols=4 ActDepth=512 PsumDepth=512 ParTiles=2 SOURCES ${faulty_sources})
systole_library(systole_faults
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/faults_run.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_programs.cpp
  LINKS systole_cli
  PRIVATE_LINKS accel_faulty)
systole_test(selftest_faults LABEL selftest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/faults_test.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_bench_test.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_table.cpp
  LINKS systole_faults fmt::fmt)

# The command line over that copy. Its own builds() comes before the library's, so the linker takes no other model.
add_executable(systole_faulty ${PROJECT_SOURCE_DIR}/cli/main.cpp ${CMAKE_CURRENT_LIST_DIR}/faulty_program.cpp)
target_compile_definitions(systole_faulty PRIVATE SYSTOLE_VERSION="${PROJECT_VERSION}")
target_link_libraries(systole_faulty PRIVATE systole_faults CLI11::CLI11 fmt::fmt systole_warnings)
systole_test(selftest_faulty_program LABEL selftest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/faulty_program_test.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_table.cpp
  LINKS systole_cli_process nlohmann_json::nlohmann_json)
target_compile_definitions(selftest_faulty_program PRIVATE SYSTOLE_FAULTY_PROGRAM="$<TARGET_FILE:systole_faulty>")
add_dependencies(selftest_faulty_program systole_faulty)
