# SPDX-License-Identifier: Apache-2.0
# Language, optimisation, warnings: everything that holds for every target of our own.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# ccache, where present, with paths relative to the project: another clone or work tree of it finds the same objects.
find_program(SYSTOLE_CCACHE ccache)
if(SYSTOLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true
                                  ${SYSTOLE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

# Global, not per target: Eigen's alignment must be the same in every object that is linked together.
if(SYSTOLE_NATIVE)
  add_compile_options(-march=native)
endif()
if(SYSTOLE_SANITIZE)
  # -O1 -g1: what the sanitizers add compiles in a third of the time of -O2 -g, and a report needs names and lines only.
  # The checks left out cost as much again, and find what AddressSanitizer finds or x86 allows.
  add_compile_options(-O1 -g1 -fsanitize=address,undefined -fno-sanitize=null,alignment,vptr,object-size
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# A third of the time of GNU's other linker, a hundred times in a build.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=gold SYSTOLE_HAS_GOLD)
if(SYSTOLE_HAS_GOLD AND NOT SYSTOLE_SANITIZE)
  add_link_options(-fuse-ld=gold)
endif()

if(SYSTOLE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # counts branches for libFuzzer
endif()

# Warnings for our own code; generated code and packages come in as SYSTEM headers.
add_library(systole_warnings INTERFACE)
target_compile_options(systole_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wpedantic $<$<BOOL:${SYSTOLE_STRICT}>:-Werror>)
# g++ 12 takes what its own AVX-512 intrinsics leave undefined for ours wherever Eigen inlines them (GCC bug 105593); g++ 14 an empty std::optional in a temporary
# for one that holds a value.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(systole_warnings INTERFACE -Wno-maybe-uninitialized)
endif()

# Most of a file's compile time goes into headers of packages (JSON, Eigen, CLI11), which files compiled as one read once.
function(systole_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SYSTOLE_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# Code that runs once or seldom is compiled far more often than it is waited for: not at -O3.
function(systole_compile_quickly)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endforeach()
endfunction()

# systole_library(name [INTERFACE] SOURCES ... LINKS ... PRIVATE_LINKS ...): one folder, one library.
function(systole_library name)
  cmake_parse_arguments(arg "INTERFACE" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "systole_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(include $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/systole>)
  if(arg_INTERFACE)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${include})
    target_link_libraries(${name} INTERFACE ${arg_LINKS})
  else()
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${include})
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS} systole_warnings)
    systole_unity(${name})
  endif()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(GLOBAL APPEND PROPERTY SYSTOLE_LIBRARIES ${name})
  set_property(GLOBAL PROPERTY SYSTOLE_FOLDER_${name} ${folder})
  set_property(GLOBAL PROPERTY SYSTOLE_LINKS_${name} ${arg_LINKS} ${arg_PRIVATE_LINKS})
endfunction()

# systole_write_links(file): each library's folder with the folders of the libraries that it links, as in docs/arrows.txt.
function(systole_write_links file)
  get_property(libraries GLOBAL PROPERTY SYSTOLE_LIBRARIES)
  set(text "")
  foreach(library IN LISTS libraries)
    get_property(folder GLOBAL PROPERTY SYSTOLE_FOLDER_${library})
    get_property(links GLOBAL PROPERTY SYSTOLE_LINKS_${library})
    string(APPEND text "${folder}:")
    foreach(link IN LISTS links)
      get_property(target GLOBAL PROPERTY SYSTOLE_FOLDER_${link})
      string(APPEND text " ${target}")
    endforeach()
    string(APPEND text "\n")
  endforeach()
  file(WRITE ${file} "${text}")
endfunction()
