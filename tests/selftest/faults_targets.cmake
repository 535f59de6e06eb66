# SPDX-License-Identifier: Apache-2.0
# The copy of the accelerator with the planted faults, and the tests that demand that each is caught. The copy is made when
# a test or systole_faulty is built, never when CMake configures, and nothing that `systole` needs depends on it. Small
# parameters: the copy is slower to build and to run than the original.
systole_library(systole_plant SOURCES ${CMAKE_CURRENT_LIST_DIR}/plant.cpp LINKS fmt::fmt)
systole_test(selftest_plant LABEL selftest SOURCES ${CMAKE_CURRENT_LIST_DIR}/plant_test.cpp LINKS systole_plant)
add_executable(plant_faults ${CMAKE_CURRENT_LIST_DIR}/plant_main.cpp)
target_link_libraries(plant_faults PRIVATE systole_plant systole_warnings)

set(faulty ${CMAKE_CURRENT_BINARY_DIR}/faulty_rtl)
file(GLOB originals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rtl/*.v)
set(faulty_sources ${faulty}/accel_fault_pkg.sv)
foreach(original IN LISTS originals)
  get_filename_component(name ${original} NAME)
  list(APPEND faulty_sources ${faulty}/${name})
endforeach()
add_custom_command(OUTPUT ${faulty_sources} ${faulty}/faults.cpp ${faulty}/fault_cases.cpp
  COMMAND plant_faults ${CMAKE_CURRENT_LIST_DIR}/faults.tsv ${CMAKE_CURRENT_LIST_DIR}/survivors.tsv ${PROJECT_SOURCE_DIR}/rtl ${faulty}
  DEPENDS plant_faults ${CMAKE_CURRENT_LIST_DIR}/faults.tsv ${CMAKE_CURRENT_LIST_DIR}/survivors.tsv ${originals} VERBATIM)

# The names that the bench reads are those of the original. The text is no designer's: no lint.
systole_verilate(accel_faulty NO_LINT TOP accel PREFIX Vaccel_faulty TRACE vcd VLTS ${PROJECT_SOURCE_DIR}/accel/dut/dut.vlt
  ${PROJECT_SOURCE_DIR}/accel/dut/wires.vlt OPTIMIZE -O1 PARTS 2 2
  PARAMS Rows=4 Cols=4 ActDepth=512 PsumDepth=512 ParTiles=2 SOURCES ${faulty_sources})
systole_library(systole_faults
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/faults_run.cpp ${faulty}/faults.cpp
  LINKS systole_stimulus
  PRIVATE_LINKS accel_faulty fmt::fmt)
# Compiled by each program: the libraries that call builds() come after this one on the linker's line.
target_sources(systole_faults INTERFACE ${CMAKE_CURRENT_LIST_DIR}/faulty_builds.cpp)
target_compile_definitions(systole_faults INTERFACE SYSTOLE_RTL_FOLDER="${PROJECT_SOURCE_DIR}/rtl")
systole_test(selftest_faults LABEL selftest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/corners_test.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_test.cpp ${CMAKE_CURRENT_LIST_DIR}/faults_bench_test.cpp
          ${faulty}/fault_cases.cpp
  LINKS systole_faults fmt::fmt)

# With sanitizers it takes half of the usual limit on cores that do nothing else.
systole_test(selftest_localisation LABEL selftest PROPERTIES TIMEOUT 1800
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/localisation.cpp ${CMAKE_CURRENT_LIST_DIR}/localisation_test.cpp
  LINKS systole_faults systole_plant systole_debug fmt::fmt)

# The command line over that copy, with a command more. As `systole` is: one program for each library of commands.
foreach(program IN ITEMS faulty faulty_vectors)
  add_executable(systole_${program} ${CMAKE_CURRENT_LIST_DIR}/faulty_program.cpp)
  target_link_libraries(systole_${program} PRIVATE systole_faults CLI11::CLI11 fmt::fmt systole_warnings)
endforeach()
systole_compile_quickly(systole_plant plant_faults systole_faults systole_faulty systole_faulty_vectors)
target_link_libraries(systole_faulty PRIVATE systole_cli)
target_link_libraries(systole_faulty_vectors PRIVATE systole_cli_vectors)
systole_test(selftest_faulty_program LABEL selftest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/faulty_program_test.cpp ${CMAKE_CURRENT_LIST_DIR}/failure_folder_test.cpp ${CMAKE_CURRENT_LIST_DIR}/shrink_test.cpp
  LINKS systole_base systole_cli_process nlohmann_json::nlohmann_json fmt::fmt)
target_compile_definitions(selftest_faulty_program PRIVATE SYSTOLE_FAULTY_PROGRAM="$<TARGET_FILE:systole_faulty>"
                           SYSTOLE_FAULTY_VECTORS="$<TARGET_FILE:systole_faulty_vectors>" SYSTOLE_FAULTY_RTL="${faulty}")
add_dependencies(selftest_faulty_program systole_faulty systole_faulty_vectors)

# What triage makes of failures of that copy.
systole_test(selftest_regress_triage LABEL selftest SLOW_ONLY SOURCES ${CMAKE_CURRENT_LIST_DIR}/regress_again_test.cpp ${CMAKE_CURRENT_LIST_DIR}/regress_first_failure_test.cpp ${CMAKE_CURRENT_LIST_DIR}/regress_triage_test.cpp LINKS systole_regress fmt::fmt)
if(TARGET selftest_regress_triage)
  systole_link_duts(selftest_regress_triage 8x8/edit)
  target_compile_definitions(selftest_regress_triage PRIVATE SYSTOLE_FAULTY_PROGRAM="$<TARGET_FILE:systole_faulty>")
  add_dependencies(selftest_regress_triage systole_faulty)
endif()
