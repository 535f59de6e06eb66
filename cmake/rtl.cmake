# SPDX-License-Identifier: Apache-2.0
# The only caller of Verilator.
#
#   systole_verilate(target [SYSTEMC] [COVERAGE] [NO_LINT|COUNT_LINT|NETLIST] [TOP module] PREFIX Vname TRACE none|vcd|fst [VLTS file ...] [PARAMS Name=value ...]
#                    [DEFINES NAME[=value] ...] [INCLUDE_DIRS folder ...]
#                    OPTIMIZE -On PARTS fast slow SOURCES file ... [ORIGIN file ...])
#
# makes the static library `target` with the Verilated class `Vname`, with SYSTEMC an sc_module of SystemC ports, and <target>_facts (sim/dut/registry.h); SOURCES and
# VLTS are relative to the calling folder and may be made by the build. Verilator runs in the build alone (verilate.cmake): nothing that CMake configures depends on what
# RTL says. Without TOP every module that no other one holds is a top. PARTS: how many files the code that runs in each evaluation, compiled with OPTIMIZE, and the
# rest are compiled as. ORIGIN: the RTL that SOURCES were made from, absolute: the model is as old as that.
#
# Flags, and why:
#   --relative-includes   an included file is looked for beside the file that names it, then in INCLUDE_DIRS.
#   -O3                   Verilator's own optimisations that cost only time at build.
#   --x-assign fast       RTL assigns no x; the cheapest choice is right.
#   --x-initial unique    un-reset variables stay variables (they are not folded to a constant) and start at 0; the adapter
#                         then writes its own seeded values, because Verilator's random values differ between trace builds.
#   -Wall -Wno-fatal      a lint warning is printed and counted; with SYSTOLE_STRICT it stops the build. Waivers live in .vlt files. NO_LINT: none.
#                         COUNT_LINT: counted even then, as for RTL of others.
#   -fno-gate -fno-inline NETLIST, whose lint is off too: with each gate put into all expressions that read it, and each module into all that hold it, the
#                         C++ of a 4x4 array is ten times as much.

#   --coverage-*          COVERAGE: lines, branches and toggles are counted.

# Verilator's runtime, compiled once for all models: its objects do not depend on a model's options.
function(systole_verilator_runtime)
  if(TARGET systole_verilator_runtime)
    return()
  endif()
  set(include ${VERILATOR_ROOT}/include)
  set(end ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/verilated_end.cpp)  # how a model ends by itself; in the package it lies beside this file
  if(NOT EXISTS ${end})
    set(end ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../sim/dut/verilated_end.cpp)
  endif()
  add_library(systole_verilator_runtime STATIC
    ${end} ${include}/verilated.cpp ${include}/verilated_threads.cpp ${include}/verilated_vcd_c.cpp ${include}/verilated_fst_c.cpp)
  target_include_directories(systole_verilator_runtime SYSTEM PUBLIC ${include} ${include}/vltstd)
  target_compile_definitions(systole_verilator_runtime PRIVATE VM_COVERAGE=0 VM_SC=0 VM_TRACE=1 VM_TRACE_VCD=1 VM_TRACE_FST=1
                             VL_USER_FINISH VL_USER_STOP VL_USER_FATAL VL_USER_WARN)
  target_link_libraries(systole_verilator_runtime PUBLIC systole_base ZLIB::ZLIB Threads::Threads)
endfunction()

function(systole_verilate target)
  cmake_parse_arguments(arg "SYSTEMC;COVERAGE;NO_LINT;COUNT_LINT;NETLIST" "TOP;PREFIX;TRACE;OPTIMIZE" "VLTS;PARAMS;DEFINES;INCLUDE_DIRS;PARTS;SOURCES;ORIGIN" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "systole_verilate(${target}): unknown or empty: ${arg_UNPARSED_ARGUMENTS} ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  foreach(keyword IN ITEMS PREFIX TRACE OPTIMIZE PARTS SOURCES)
    if(NOT arg_${keyword})
      message(FATAL_ERROR "systole_verilate(${target}): ${keyword} is missing")
    endif()
  endforeach()
  if(NOT arg_TRACE MATCHES "^(none|vcd|fst)$")
    message(FATAL_ERROR "systole_verilate(${target}): TRACE is none, vcd or fst, found ${arg_TRACE}")
  endif()
  if(NOT arg_PARTS MATCHES "^[1-9][0-9]*;[1-9][0-9]*$")
    message(FATAL_ERROR "systole_verilate(${target}): PARTS are two numbers, found ${arg_PARTS}")
  endif()
  foreach(param IN LISTS arg_PARAMS)
    if(NOT param MATCHES "^[A-Za-z_][A-Za-z0-9_$]*=[^= ]+$")
      message(FATAL_ERROR "systole_verilate(${target}): PARAMS: expected Name=value, found ${param}")
    endif()
  endforeach()
  systole_verilator_runtime()

  set(language --cc)
  if(arg_SYSTEMC)
    set(language --sc)
  endif()
  set(compiler gcc)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    set(compiler clang)
  endif()
  set(arguments ${language} --compiler ${compiler} --relative-includes -O3 --x-assign fast --x-initial unique --output-split 20000)
  if(arg_TOP)
    list(APPEND arguments --top-module ${arg_TOP})
  endif()
  if(arg_NETLIST)
    list(APPEND arguments -fno-gate -fno-inline)
  endif()
  if(arg_NO_LINT OR arg_NETLIST)
    list(APPEND arguments -Wno-lint -Wno-style -Wno-MULTITOP -Wno-fatal)
  elseif(SYSTOLE_STRICT AND NOT arg_COUNT_LINT)
    list(APPEND arguments -Wall)
  else()
    list(APPEND arguments -Wall -Wno-fatal)
  endif()
  if(arg_TRACE STREQUAL vcd)
    list(APPEND arguments --trace)
  elseif(arg_TRACE STREQUAL fst)
    list(APPEND arguments --trace-fst)
  endif()
  if(arg_COVERAGE)
    list(APPEND arguments --coverage-line --coverage-toggle)
  endif()
  foreach(param IN LISTS arg_PARAMS)
    list(APPEND arguments -G${param})
  endforeach()

  list(TRANSFORM arg_DEFINES PREPEND -D)
  list(APPEND arguments ${arg_DEFINES})
  foreach(folder IN LISTS arg_INCLUDE_DIRS)
    get_filename_component(folder ${folder} ABSOLUTE)
    list(APPEND arguments -I${folder})
  endforeach()

  # Verilator writes the paths it was given into its C++: relative ones make it the same in every clone, for ccache's sake.
  foreach(files IN ITEMS SOURCES VLTS)
    list(TRANSFORM arg_${files} PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]" OUTPUT_VARIABLE absolute_${files})
    set(relative_${files} "")
    foreach(file IN LISTS absolute_${files})
      file(RELATIVE_PATH file ${CMAKE_CURRENT_SOURCE_DIR} ${file})
      list(APPEND relative_${files} ${file})
    endforeach()
  endforeach()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.rtl)
  list(GET arg_PARTS 0 fast)
  list(GET arg_PARTS 1 slow)
  foreach(kind IN ITEMS fast slow)
    set(${kind}_parts "")
    foreach(part RANGE 1 ${${kind}})
      math(EXPR part "${part} - 1")
      list(APPEND ${kind}_parts ${folder}/${kind}_${part}.cpp)
    endforeach()
  endforeach()
  set(step ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/verilate.cmake)
  add_custom_command(OUTPUT ${fast_parts} ${slow_parts} ${folder}/facts.cpp ${folder}/${arg_PREFIX}.h DEPFILE ${folder}/rtl.d
    COMMAND ${CMAKE_COMMAND} -DVERILATOR=${VERILATOR_BIN} -DFOLDER=${folder} -DPREFIX=${arg_PREFIX} -DMODEL=${target} -DFAST=${fast} -DSLOW=${slow}
            "-DARGUMENTS=${arguments}" "-DVLTS=${relative_VLTS}" "-DSOURCES=${relative_SOURCES}" "-DORIGIN=${arg_ORIGIN}" -P ${step}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    DEPENDS ${absolute_SOURCES} ${arg_ORIGIN} ${absolute_VLTS} ${step} ${VERILATOR_BIN}
    COMMENT "Verilating ${target}" VERBATIM)
  add_library(${target} STATIC EXCLUDE_FROM_ALL ${fast_parts} ${slow_parts} ${folder}/facts.cpp)
  # What Verilator writes is C++14, and so read in half the time that the headers of C++20 take. SystemC is of one standard
  # with its users. Its classes are aligned to cache lines, which `new` of C++14 heeds only when asked to: a vector load of
  # one that is not is a crash.
  set(standard -std=c++14 -faligned-new)
  if(arg_SYSTEMC)
    set(standard "")
  endif()
  set_source_files_properties(${fast_parts} PROPERTIES COMPILE_OPTIONS "${arg_OPTIMIZE};${standard}")
  set_source_files_properties(${slow_parts} PROPERTIES COMPILE_OPTIONS "-O0;${standard}")
  # Generated headers are SYSTEM so that strict warnings stop at our own code.
  target_include_directories(${target} SYSTEM PUBLIC ${folder})
  target_include_directories(${target} PRIVATE $<TARGET_PROPERTY:systole_dut,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(${target} PRIVATE
    VM_COVERAGE=$<BOOL:${arg_COVERAGE}> VM_SC=$<BOOL:${arg_SYSTEMC}> VM_TRACE=$<NOT:$<STREQUAL:${arg_TRACE},none>>
    VM_TRACE_VCD=$<STREQUAL:${arg_TRACE},vcd> VM_TRACE_FST=$<STREQUAL:${arg_TRACE},fst>)
  set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "")
  target_link_libraries(${target} PUBLIC systole_verilator_runtime)
  if(arg_COVERAGE)
    target_sources(${target} PRIVATE ${VERILATOR_ROOT}/include/verilated_cov.cpp)
  endif()
  if(arg_SYSTEMC)
    target_link_libraries(${target} PUBLIC systemc)
  endif()
endfunction()
