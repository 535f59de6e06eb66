# SPDX-License-Identifier: Apache-2.0
# RTL that is itself made by the build.
#
#   systole_verilate_generated(target TOP module PREFIX Vname TRACE vcd|fst VLT file [PARAMS Name=value ...] SOURCES file ...)
#
# makes the static library `target` with the Verilated class `Vname` from SOURCES that other build steps make: Verilator
# runs in the build, not when CMake configures, and nothing is read then. Absolute paths, packages first. Lint warnings are
# not shown: the text is no designer's.
function(systole_verilate_generated target)
  cmake_parse_arguments(arg "" "TOP;PREFIX;TRACE;VLT" "PARAMS;SOURCES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_TRACE MATCHES "^(vcd|fst)$")
    message(FATAL_ERROR "systole_verilate_generated(${target}): unknown arguments or trace: ${arg_UNPARSED_ARGUMENTS} ${arg_TRACE}")
  endif()
  systole_verilator_runtime()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir)
  list(TRANSFORM arg_PARAMS PREPEND -G)
  set(trace_option --trace)
  if(arg_TRACE STREQUAL fst)
    set(trace_option --trace-fst)
  endif()
  # Verilator decides how many files it writes: two of fixed names include them, what runs in each evaluation and the rest.
  set(parts ${folder}/fast_parts.cpp ${folder}/slow_parts.cpp)
  add_custom_command(OUTPUT ${parts} ${folder}/${arg_PREFIX}.h
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
    COMMAND ${VERILATOR_BIN} --cc -O3 --x-assign fast --x-initial unique -Wno-lint -Wno-style -Wno-fatal ${trace_option} --prefix ${arg_PREFIX}
            --top-module ${arg_TOP} ${arg_PARAMS} --Mdir ${folder} ${arg_VLT} ${arg_SOURCES}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -P ${PROJECT_SOURCE_DIR}/cmake/join_parts.cmake
    DEPENDS ${arg_SOURCES} ${arg_VLT} ${PROJECT_SOURCE_DIR}/cmake/join_parts.cmake
    COMMENT "Verilating ${target}" VERBATIM)
  add_library(${target} STATIC ${parts})
  set_source_files_properties(${folder}/fast_parts.cpp PROPERTIES COMPILE_OPTIONS -O1)
  set_source_files_properties(${folder}/slow_parts.cpp PROPERTIES COMPILE_OPTIONS -O0)
  target_include_directories(${target} SYSTEM PUBLIC ${folder})
  target_compile_definitions(${target} PRIVATE VM_COVERAGE=0 VM_SC=0 VM_TRACE=1 VM_TRACE_VCD=$<STREQUAL:${arg_TRACE},vcd>
                                               VM_TRACE_FST=$<STREQUAL:${arg_TRACE},fst>)
  target_link_libraries(${target} PUBLIC systole_verilator_runtime)
  set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "")
  systole_allow_misaligned(${target})
endfunction()
