# SPDX-License-Identifier: Apache-2.0
# The only caller of verilate().
#
#   systole_verilate(target [SYSTEMC] TOP module PREFIX Vname TRACE none|vcd|fst VLT file [PARAMS Name=value ...]
#                    [UNTRACED module:name,... ...] SOURCES file ...)
#
# makes the static library `target` with the Verilated class `Vname`, with SYSTEMC an sc_module of SystemC ports; SOURCES and VLT are relative to the calling folder.
# UNTRACED leaves signals of a module out of dumps.
#
# Flags, and why:
#   -O3                   Verilator's own optimisations that cost only time at build.
#   --x-assign fast       RTL assigns no x; the cheapest choice is right.
#   --x-initial unique    un-reset variables stay variables (they are not folded to a constant) and start at 0; the adapter
#                         then writes its own seeded values, because Verilator's random values differ between trace builds.
#   -Wall                 a lint warning stops the build; waivers live in .vlt files.

# Verilator 5.006 writes trace values of 64 bits at addresses of 4 bytes (verilated_trace_imp.h), which x86 allows and the
# sanitizer reports: its runtime and its models, not our code, are built without that one check.
function(systole_allow_misaligned target)
  if(SYSTOLE_SANITIZE)
    target_compile_options(${target} PRIVATE -fno-sanitize=alignment)
  endif()
endfunction()

# Verilator's runtime, compiled once for all models: its objects do not depend on a model's options.
function(systole_verilator_runtime)
  if(TARGET systole_verilator_runtime)
    return()
  endif()
  set(include ${VERILATOR_ROOT}/include)
  add_library(systole_verilator_runtime STATIC
    ${include}/verilated.cpp ${include}/verilated_threads.cpp ${include}/verilated_vcd_c.cpp ${include}/verilated_fst_c.cpp)
  target_include_directories(systole_verilator_runtime SYSTEM PUBLIC ${include} ${include}/vltstd)
  target_compile_definitions(systole_verilator_runtime PRIVATE VM_COVERAGE=0 VM_SC=0 VM_TRACE=1 VM_TRACE_VCD=1 VM_TRACE_FST=1)
  target_link_libraries(systole_verilator_runtime PUBLIC ZLIB::ZLIB Threads::Threads)
  systole_allow_misaligned(systole_verilator_runtime)
endfunction()

# Fails unless every source exists, every parameter is `Name=number` and the top module declares it: CMake's multi-value
# keywords would take a mistyped keyword or file name silently.
function(systole_check_rtl_arguments target top sources params)
  set(text "")
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "\\.(v|sv)$" OR NOT EXISTS ${source})
      message(FATAL_ERROR "systole_verilate(${target}): SOURCES: ${source} is not an existing .v file")
    endif()
    get_filename_component(name ${source} NAME_WE)
    if(name STREQUAL top)
      file(READ ${source} text)
    endif()
  endforeach()
  if(text STREQUAL "")
    message(FATAL_ERROR "systole_verilate(${target}): no source is named ${top}.v, the top module's file")
  endif()
  foreach(param IN LISTS params)
    if(NOT param MATCHES "^([A-Z][A-Za-z0-9]*)=([0-9]+)$")
      message(FATAL_ERROR "systole_verilate(${target}): PARAMS: expected Name=number, found ${param}")
    endif()
    if(NOT text MATCHES "parameter[^;)]*[ \t\n]${CMAKE_MATCH_1}[ \t\n]*=")
      message(FATAL_ERROR "systole_verilate(${target}): PARAMS: ${top} has no parameter ${CMAKE_MATCH_1}")
    endif()
  endforeach()
endfunction()

# Writes `vlt` with one tracing_off for each signal of `untraced` (module:name,name,...). Verilator 5.006 names signals to leave out by line only, so
# the declaration is looked up at each configuration, which a change of the source repeats; a name that is not declared is an error.
function(systole_untraced vlt sources untraced)
  set(text "`verilator_config\n")
  foreach(entry IN LISTS untraced)
    if(NOT entry MATCHES "^([a-z_]+):([A-Za-z0-9_,]+)$")
      message(FATAL_ERROR "systole_verilate: UNTRACED: expected module:name,..., found ${entry}")
    endif()
    set(module ${CMAKE_MATCH_1})
    string(REPLACE "," ";" names ${CMAKE_MATCH_2})
    set(file ${sources})
    list(FILTER file INCLUDE REGEX "/${module}\\.v$")
    if(NOT file)
      message(FATAL_ERROR "systole_verilate: UNTRACED: no source is named ${module}.v")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    foreach(name IN LISTS names)
      execute_process(COMMAND grep -nE "^ *(input|output|wire|reg) ([^=]*[ ,])?${name}( =|,|;|$)" ${file} OUTPUT_VARIABLE line)
      if(NOT line MATCHES "^([0-9]+):[^\n]*\n$")
        message(FATAL_ERROR "systole_verilate: UNTRACED: expected one declaration of ${name} in ${file}, found '${line}'")
      endif()
      string(APPEND text "tracing_off -file \"*/${module}.v\" -lines ${CMAKE_MATCH_1}\n")
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT ${vlt} CONTENT "${text}" @ONLY)
endfunction()

function(systole_verilate target)
  cmake_parse_arguments(arg "SYSTEMC" "TOP;PREFIX;TRACE;VLT" "PARAMS;UNTRACED;SOURCES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "systole_verilate(${target}): unknown or empty: ${arg_UNPARSED_ARGUMENTS} ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  foreach(keyword IN ITEMS TOP PREFIX TRACE VLT SOURCES)
    if(NOT arg_${keyword})
      message(FATAL_ERROR "systole_verilate(${target}): ${keyword} is missing")
    endif()
  endforeach()
  if(NOT arg_TRACE MATCHES "^(none|vcd|fst)$")
    message(FATAL_ERROR "systole_verilate(${target}): TRACE is none, vcd or fst, found ${arg_TRACE}")
  endif()
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  list(TRANSFORM arg_VLT PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  if(NOT arg_VLT MATCHES "\\.vlt$" OR NOT EXISTS ${arg_VLT})
    message(FATAL_ERROR "systole_verilate(${target}): VLT: ${arg_VLT} is not an existing .vlt file")
  endif()
  systole_check_rtl_arguments(${target} ${arg_TOP} "${arg_SOURCES}" "${arg_PARAMS}")
  systole_verilator_runtime()

  set(options -O3 --x-assign fast --x-initial unique -Wall --output-split 20000)
  foreach(param IN LISTS arg_PARAMS)
    list(APPEND options -G${param})
  endforeach()
  set(trace "")
  if(arg_TRACE STREQUAL vcd)
    set(trace TRACE)
  elseif(arg_TRACE STREQUAL fst)
    set(trace TRACE_FST)
  endif()

  set(untraced "")
  if(trace AND arg_UNTRACED)
    set(untraced ${CMAKE_CURRENT_BINARY_DIR}/${target}_untraced.vlt)
    systole_untraced(${untraced} "${arg_SOURCES}" "${arg_UNTRACED}")
  endif()

  set(language "")
  if(arg_SYSTEMC)
    set(language SYSTEMC)
  endif()

  # Verilator writes the paths it was given into its C++: relative ones make it the same in every clone, for ccache's sake.
  set(absolute ${arg_VLT} ${untraced} ${arg_SOURCES})
  set(sources "")
  foreach(source IN LISTS absolute)
    file(RELATIVE_PATH source ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    list(APPEND sources ${source})
  endforeach()

  add_library(${target} STATIC)
  verilate(${target} ${language} ${trace} PREFIX ${arg_PREFIX} TOP_MODULE ${arg_TOP} SOURCES ${sources}
           VERILATOR_ARGS ${options} OPT_FAST -O3 OPT_SLOW -O0)

  # The runtime comes from its own library; generated headers are SYSTEM so that strict warnings stop at our own code.
  get_target_property(files ${target} SOURCES)
  list(FILTER files EXCLUDE REGEX "^${VERILATOR_ROOT}/include/")
  set_target_properties(${target} PROPERTIES SOURCES "${files}")
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}" CXX_CLANG_TIDY "")
  target_link_libraries(${target} PUBLIC systole_verilator_runtime)
  systole_allow_misaligned(${target})
  if(arg_SYSTEMC)
    target_link_libraries(${target} PUBLIC systemc)
  endif()
endfunction()

# systole_rtl_hash(target header source ...): at each build, a header that holds the SHA-256 of the RTL sources.
function(systole_rtl_hash target header)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} "-DSOURCES=${ARGN}" -P ${PROJECT_SOURCE_DIR}/cmake/rtl_hash.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/rtl_hash.cmake VERBATIM)
  target_sources(${target} PRIVATE ${header})
endfunction()
