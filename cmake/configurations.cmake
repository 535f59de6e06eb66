# SPDX-License-Identifier: Apache-2.0
# The configurations of the accelerator: a name and the parameters of rtl/accel.v that it stands for.
#
# Included, it gives systole_configuration(name parameters problem): sets `parameters` to a list of Name=value, all that the module has, or `problem` to why
# there is no such configuration.
# Run as `cmake -DNAME=name -P configurations.cmake` it prints the parameters, or "error" and the problem: how a program asks about a name that no list holds.
set(systole_named_configurations 8x8 8x8-w4a4 4x4 16x16)
set(systole_largest_rows 64)  # the weights of a tile and the cycle model stay small
set(systole_largest_cols 32)  # overflow_o is one word

function(systole_configuration name parameters problem)
  set(widths ActWidth=8 WgtWidth=8 PsumWidth=32)
  set(size ${name})
  if(name STREQUAL "8x8-w4a4")
    set(size 8x8)
    set(widths ActWidth=4 WgtWidth=4 PsumWidth=16)
  endif()
  set(${problem} "" PARENT_SCOPE)
  if(size MATCHES "^([1-9][0-9]?)x([1-9][0-9]?)$")
    set(rows ${CMAKE_MATCH_1})
    set(cols ${CMAKE_MATCH_2})
    if(rows GREATER_EQUAL 4 AND rows LESS_EQUAL systole_largest_rows AND cols GREATER_EQUAL 4 AND cols LESS_EQUAL systole_largest_cols)
      set(${parameters} Rows=${rows} Cols=${cols} ${widths} ActDepth=4096 PsumDepth=4096 ParTiles=8 PARENT_SCOPE)
      return()
    endif()
  endif()
  list(JOIN systole_named_configurations ", " names)
  set(${problem} "expected ${names} or ROWSxCOLS (4 .. ${systole_largest_rows} rows, 4 .. ${systole_largest_cols} columns), found ${name}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  systole_configuration("${NAME}" parameters problem)
  if(problem)
    set(parameters error "${problem}")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${parameters})
endif()
