# SPDX-License-Identifier: Apache-2.0
# The Verilators that the whole suite ran with, the oldest and the newest (script/try-on). No version in between or beyond is refused, and no code asks for one:
# what is used of Verilator, the documented part, is the same in all of them.
#
# Included, it gives systole_verilator_notice(version result): sets `result` to one line about a version outside that range, to nothing about one inside.
# Run as `cmake -DVERSION=version -P tried_versions.cmake` it prints that line.
set(systole_oldest_verilator 5.006)
set(systole_newest_verilator 5.032)

function(systole_verilator_notice version result)
  set(${result} "" PARENT_SCOPE)
  if(NOT version MATCHES "^[0-9.]+$" OR version VERSION_LESS systole_oldest_verilator OR version VERSION_GREATER systole_newest_verilator)
    set(${result} "Verilator ${version}: tried with ${systole_oldest_verilator} and ${systole_newest_verilator}, going on" PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  cmake_minimum_required(VERSION 3.25)
  systole_verilator_notice("${VERSION}" notice)
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${notice})
endif()
