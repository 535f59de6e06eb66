# SPDX-License-Identifier: Apache-2.0
# One build step: RTL becomes C++. Run by systole_verilate (rtl.cmake), in the folder that SOURCES and VLTS are relative to:
#
#   cmake -DVERILATOR=program -DFOLDER=folder -DPREFIX=Vname -DMODEL=name -DFAST=n -DSLOW=n "-DARGUMENTS=..." "-DVLTS=..." "-DSOURCES=..." ["-DORIGIN=..."] -P verilate.cmake
#
# Verilator alone knows how many files it writes; the build needs names before that. So FOLDER gets fast_0 .. fast_<n-1>.cpp (what runs in each evaluation)
# and slow_0 .. slow_<n-1>.cpp (what runs once), which include Verilator's files, about as much text in each. A file whose text is the same as before keeps its
# time, so that a change of one module compiles what it changed. Ninja reads times before it runs this step and knows the named files only: each part holds a
# digest of what it includes, Vname.h one of all headers.
#
# Beside them: warnings.txt (Verilator's, also printed), rtl.d (the files that were read, for the build) and facts.cpp (SHA-256 over names and contents of ORIGIN or of SOURCES,
# what they include and the data files that they name, in name order; number of warnings; the included and data files).

cmake_minimum_required(VERSION 3.25)

# Where Verilator writes first; what stays there from a step that failed is no part of the model.
set(fresh ${FOLDER}/fresh)
file(REMOVE_RECURSE ${fresh})
file(MAKE_DIRECTORY ${fresh})
execute_process(COMMAND ${VERILATOR} ${ARGUMENTS} --prefix ${PREFIX} --Mdir ${fresh} ${VLTS} ${SOURCES}
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
# Since 5.024 a run ends with lines about its size and time; the option that silences them is as new.
string(REGEX REPLACE "(^|\n)- V[^\n]*" "" output "${output}")
string(REGEX REPLACE "^\n+$" "" output "${output}")
if(output)
  message(NOTICE "${output}")
endif()
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${MODEL}: Verilator does not take the RTL, see above")
endif()

# keep(name text): writes the file unless it holds that text.
function(keep name text)
  file(CONFIGURE OUTPUT ${FOLDER}/${name} CONTENT "@text@" @ONLY)
endfunction()

file(GLOB sources RELATIVE ${fresh} ${fresh}/*.cpp)
file(GLOB headers RELATIVE ${fresh} ${fresh}/*.h)
set(header_digests "")
foreach(name IN LISTS headers)
  file(SHA256 ${fresh}/${name} digest)
  string(APPEND header_digests ${digest})
endforeach()
string(SHA256 header_digests "${header_digests}")
file(APPEND ${fresh}/${PREFIX}.h "// all headers: ${header_digests}\n")
foreach(name IN LISTS headers sources)
  file(COPY_FILE ${fresh}/${name} ${FOLDER}/${name} ONLY_IF_DIFFERENT)
endforeach()

# What Verilator read besides: included files.
file(READ ${fresh}/${PREFIX}__ver.d read)
string(REGEX REPLACE "^.* : " "" read "${read}")
string(REGEX REPLACE "[ \n]+" ";" read "${read}")
set(included "")
foreach(file IN LISTS read)
  get_filename_component(name "${file}" NAME)
  if(NOT file IN_LIST SOURCES AND NOT file IN_LIST VLTS AND NOT name MATCHES "^verilator_bin|^verilated_std" AND EXISTS "${file}")
    file(REAL_PATH "${file}" file)
    list(APPEND included ${file})
  endif()
endforeach()
list(REMOVE_DUPLICATES included)

# Files of $readmemh and $readmemb lie beside the file that names them. Verilator opens them when the model runs, from the folder that the run is in, so the C++ gets the
# path of each string of the RTL that is such a file.
set(opens_files OFF)
foreach(name IN LISTS sources)
  file(STRINGS ${fresh}/${name} opens REGEX VL_READMEM_N LIMIT_COUNT 1)
  if(opens)
    set(opens_files ON)
  endif()
endforeach()
set(data_files "")
set(data_table "")
if(opens_files)
  foreach(source IN LISTS SOURCES included)
    get_filename_component(folder ${source} ABSOLUTE)
    get_filename_component(folder ${folder} DIRECTORY)
    file(READ ${source} text)
    string(REPLACE ";" " " text "${text}")
    string(REGEX MATCHALL "\"[^\"\n\\]+\"" strings "${text}")
    list(REMOVE_DUPLICATES strings)
    foreach(string IN LISTS strings)
      string(REGEX REPLACE "^.(.+).$" "\\1" name ${string})
      if(IS_ABSOLUTE "${name}" OR NOT EXISTS "${folder}/${name}" OR IS_DIRECTORY "${folder}/${name}" OR "${folder}/${name}" IN_LIST data_files)
        continue()
      endif()
      if("${data_table}" MATCHES "{${string}, \"([^\"]*)\"}")
        message(FATAL_ERROR "${MODEL}: ${name} is named in two folders, and a file in each: ${CMAKE_MATCH_1} and ${folder}/${name}; give them two names")
      endif()
      list(APPEND data_files "${folder}/${name}")
      string(APPEND data_table "{${string}, \"${folder}/${name}\"}, ")
    endforeach()
  endforeach()
  file(WRITE ${fresh}/data_files.h "#include <verilated.h>\nstatic inline std::string systole_data_file(const std::string& name) {
  static const char* const files[][2] = {${data_table}{\"\", \"\"}};
  for (const auto& file : files) if (name == file[0]) return file[1];
  return name;\n}
#define VL_READMEM_N(hex, bits, depth, lsb, name, ...) VL_READMEM_N(hex, bits, depth, lsb, systole_data_file(name), __VA_ARGS__)\n")
  file(COPY_FILE ${fresh}/data_files.h ${FOLDER}/data_files.h ONLY_IF_DIFFERENT)
  file(SHA256 ${fresh}/data_files.h digest)
  set(first_line "#include \"data_files.h\"  // ${digest}\n")
endif()
list(APPEND included ${data_files})

# deal(kind count file ...): the largest file first, each to the part that has least.
function(deal kind count)
  set(sized "")
  foreach(name IN LISTS ARGN)
    file(SIZE ${fresh}/${name} bytes)
    math(EXPR sortable "1000000000 + ${bytes}")
    list(APPEND sized "${sortable} ${name}")
  endforeach()
  list(SORT sized ORDER DESCENDING)
  math(EXPR last "${count} - 1")
  foreach(part RANGE ${last})
    set(total_${part} 0)
    set(text_${part} "")
  endforeach()
  foreach(entry IN LISTS sized)
    string(REGEX MATCH "^1([0-9]+) (.+)$" entry "${entry}")
    set(least 0)
    foreach(part RANGE ${last})
      if(total_${part} LESS total_${least})
        set(least ${part})
      endif()
    endforeach()
    math(EXPR total_${least} "${total_${least}} + ${CMAKE_MATCH_1}")
    file(SHA256 ${fresh}/${CMAKE_MATCH_2} digest)
    string(APPEND text_${least} "#include \"${CMAKE_MATCH_2}\"  // ${digest}\n")
  endforeach()
  foreach(part RANGE ${last})
    keep(${kind}_${part}.cpp "${first_line}${text_${part}}")
  endforeach()
endfunction()

set(slow ${sources})
list(FILTER slow INCLUDE REGEX "__(Slow|Syms|Dpi|ConstPool_[0-9]+)\\.cpp$")
list(REMOVE_ITEM sources ${slow})
deal(fast ${FAST} ${sources})
deal(slow ${SLOW} ${slow})

file(REMOVE_RECURSE ${fresh})
set(dependencies ${included})
foreach(source IN LISTS SOURCES)  # so that there is one: Ninja takes a file without any for missing
  file(REAL_PATH ${source} source)
  list(APPEND dependencies ${source})
endforeach()
list(TRANSFORM dependencies REPLACE " " "\\\\ ")  # as make's rules have blanks of a name
list(JOIN dependencies " " dependencies)
string(REPLACE " " "\\ " target "${FOLDER}/fast_0.cpp")
keep(rtl.d "${target}: ${dependencies}\n")
list(TRANSFORM included APPEND "\\n" OUTPUT_VARIABLE included_lines)
list(JOIN included_lines "" included_lines)

set(digests "")
set(ordered ${SOURCES} ${included})
if(ORIGIN)
  set(ordered ${ORIGIN})
endif()
list(SORT ordered COMPARE FILE_BASENAME)
foreach(source IN LISTS ordered)
  file(SHA256 ${source} digest)
  get_filename_component(name ${source} NAME)
  string(APPEND digests "${name} ${digest}\n")
endforeach()
string(SHA256 hash "${digests}")
string(REGEX MATCHALL "%Warning-" warnings "${output}")
list(LENGTH warnings warnings)
keep(warnings.txt "${output}")
keep(facts.cpp "#include \"sim/dut/build_facts.h\"\nextern const systole::dut::BuildFacts ${MODEL}_facts;\nconst systole::dut::BuildFacts ${MODEL}_facts{\"${hash}\", ${warnings}, \"${included_lines}\"};\n")
