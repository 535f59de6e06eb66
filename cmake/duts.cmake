# SPDX-License-Identifier: Apache-2.0
# What a program holds is built where, from which sources and with which command: written here once.
#
# A DUT is a Verilated model with its adapter: a design's configuration in one kind.
#   edit    FST, every signal in the dump, quick to compile: while RTL changes
#   speed   no trace, all optimisations: bench, regressions, long runs
#   vcd     as edit, with VCD
set(systole_kinds edit speed vcd)

# systole_dut(configuration kind TOP module VLTS file ... ADAPTER template PARAMS Name=value ... SOURCES file ...)
#
# makes the library dut_<configuration>_<kind>, built where a program links it (systole_link_duts). The adapter's template defines make_@model@().
function(systole_dut configuration kind)
  cmake_parse_arguments(arg "" "TOP;ADAPTER" "VLTS;PARAMS;SOURCES" ${ARGN})
  systole_dut_target(model ${configuration} ${kind})
  set(prefix V${model})
  set(optimize -O1)
  set(parts 3 2)
  if(kind STREQUAL edit)
    set(trace fst)
    set(trace_class FstTrace)
  elseif(kind STREQUAL vcd)
    set(trace vcd)
    set(trace_class VcdTrace)
  else()
    set(trace none)
    set(trace_class NoTrace)
    set(optimize -O3)
  endif()
  systole_verilate(${model} TOP ${arg_TOP} PREFIX ${prefix} TRACE ${trace} VLTS ${arg_VLTS} PARAMS ${arg_PARAMS}
                   OPTIMIZE ${optimize} PARTS ${parts} SOURCES ${arg_SOURCES})
  configure_file(${arg_ADAPTER} ${CMAKE_CURRENT_BINARY_DIR}/${model}.cpp @ONLY)
  target_sources(${model} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${model}.cpp)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${model}.cpp PROPERTIES COMPILE_OPTIONS ${optimize})
  target_link_libraries(${model} PRIVATE systole_dut)
  set_target_properties(${model} PROPERTIES SYSTOLE_CONFIGURATION ${configuration} SYSTOLE_KIND ${kind} SYSTOLE_TRACE ${trace} SYSTOLE_RTL "${arg_SOURCES}")
endfunction()

function(systole_dut_target result configuration kind)
  string(MAKE_C_IDENTIFIER dut_${configuration}_${kind} name)
  set(${result} ${name} PARENT_SCOPE)
endfunction()

# systole_link_duts(target configuration/kind ...): these are the target's builds() (sim/dut/registry.h), in this order.
function(systole_link_duts target)
  set(fact_declarations "")
  set(declarations "")
  set(entries "")
  set(sources "")
  foreach(name IN LISTS ARGN)
    string(REPLACE "/" ";" parts ${name})
    systole_dut_target(model ${parts})
    if(NOT TARGET ${model})
      message(FATAL_ERROR "systole_link_duts(${target}): there is no DUT ${name}")
    endif()
    get_target_property(configuration ${model} SYSTOLE_CONFIGURATION)
    get_target_property(kind ${model} SYSTOLE_KIND)
    get_target_property(trace ${model} SYSTOLE_TRACE)
    get_target_property(sources ${model} SYSTOLE_RTL)
    string(APPEND fact_declarations "extern const systole::dut::BuildFacts ${model}_facts;\n")
    string(APPEND declarations "std::unique_ptr<Dut> make_${model}();\n")
    string(APPEND entries "      {\"${configuration}\", \"${kind}\", TraceFormat::${trace}, make_${model}, ${model}_facts},\n")
    target_link_libraries(${target} PRIVATE ${model})
  endforeach()
  list(TRANSFORM sources APPEND "\\n")
  list(JOIN sources "" rtl_sources)
  set(body "return {};")
  if(entries)
    set(body "static const Build list[] = {\n${entries}  };\n  return list;")
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/sim/dut/registry.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${target}_duts.cpp @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}_duts.cpp)
endfunction()
