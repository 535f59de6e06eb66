# SPDX-License-Identifier: Apache-2.0
# cmake -DFOLDER=folder -P join_parts.cmake: fast_parts.cpp and slow_parts.cpp in a folder of Verilator's include the files
# that it wrote there.
file(GLOB fast RELATIVE ${FOLDER} ${FOLDER}/*.cpp)
set(slow ${fast})
list(FILTER slow INCLUDE REGEX "__(Slow|Syms)\\.cpp$")
list(FILTER fast EXCLUDE REGEX "__(Slow|Syms)\\.cpp$")
foreach(kind IN ITEMS fast slow)
  list(TRANSFORM ${kind} REPLACE "(.+)" "#include \"\\1\"\n")
  list(JOIN ${kind} "" text)
  file(WRITE ${FOLDER}/${kind}_parts.cpp "${text}")
endforeach()
