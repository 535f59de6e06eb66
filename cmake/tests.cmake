# SPDX-License-Identifier: Apache-2.0
# What is a test of ctest: its name is `scope.unit.behaviour[.params]` (tests/selftest/test_names_test.cpp), it has one of the labels
# unit, block, system, selftest, perhaps slow as well, and a time after which it counts as hung.
include(doctest)

# Seconds. The slowest test takes a tenth of it on two cores with nothing beside it; sanitizers cost up to ten times.
set(SYSTOLE_TEST_TIMEOUT 600)

# All executables of one label: `cmake --build build --target unit_tests`.
foreach(label IN ITEMS unit block system selftest)
  add_custom_target(${label}_tests)
endforeach()

# systole_test(name LABEL unit|block|system|selftest [PROPERTIES name value ...] [SLOW pattern,... | SLOW_ONLY] SOURCES ... LINKS ...): one
# doctest executable, each of whose cases is a test of its own. They run in the root of the project. With SYSTOLE_SLOW_TESTS the cases that
# fit a pattern of SLOW are registered once more, as <case>.slow with the label slow: they draw ten times as much (tests/support/rounds.h).
# SLOW_ONLY: there is no such executable otherwise.
function(systole_test name)
  cmake_parse_arguments(arg "SLOW_ONLY" "LABEL;SLOW" "PROPERTIES;SOURCES;LINKS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_LABEL MATCHES "^(unit|block|system|selftest)$")
    message(FATAL_ERROR "systole_test(${name}): wrong label or unknown arguments: ${arg_LABEL} ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_SLOW_ONLY AND NOT SYSTOLE_SLOW_TESTS)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  add_dependencies(${arg_LABEL}_tests ${name})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} systole_test_main systole_warnings)
  systole_compile_quickly(${name})  # what it tests keeps the build type's optimisation
  if(NOT arg_LABEL STREQUAL block)  # each of them names its own Verilated class
    systole_unity(${name})
  endif()
  if(arg_SLOW_ONLY)
    set(arg_SLOW *)
  else()
    doctest_discover_tests(${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                           PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${SYSTOLE_TEST_TIMEOUT} ${arg_PROPERTIES})
  endif()
  if(arg_SLOW AND SYSTOLE_SLOW_TESTS)
    math(EXPR timeout "10 * ${SYSTOLE_TEST_TIMEOUT}")
    doctest_discover_tests(${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} TEST_SPEC ${arg_SLOW} TEST_SUFFIX .slow
                           PROPERTIES LABELS ${arg_LABEL} LABELS slow TIMEOUT ${timeout} ENVIRONMENT SYSTOLE_ROUNDS=10)
  endif()
endfunction()

# systole_command_test(name LABEL label [SLOW_ONLY] COMMAND ...): a test that is a command of its own.
function(systole_command_test name)
  cmake_parse_arguments(arg "SLOW_ONLY" "LABEL" "COMMAND" ${ARGN})
  if(arg_SLOW_ONLY AND NOT SYSTOLE_SLOW_TESTS)
    return()
  endif()
  list(GET arg_COMMAND 0 program)
  if(TARGET ${program})
    add_dependencies(${arg_LABEL}_tests ${program})
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set(labels ${arg_LABEL})
  set(timeout ${SYSTOLE_TEST_TIMEOUT})
  if(arg_SLOW_ONLY)  # builds whole projects
    list(APPEND labels slow)
    math(EXPR timeout "3 * ${SYSTOLE_TEST_TIMEOUT}")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout})
endfunction()
