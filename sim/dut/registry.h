// SPDX-License-Identifier: Apache-2.0
#pragma once
// The models that a program holds, and where it was built. CMake writes the list of each program (systole_link_duts,
// cmake/duts.cmake).
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sim/dut/build_facts.h"
#include "sim/dut/dut.h"

namespace systole::dut {

/// A model: the name of its configuration ("8x8", "8x8-w4a4", ...), of its kind ("edit", "speed", "vcd"), the trace
/// that it carries, and how to make one.
struct Build {
  std::string_view configuration, kind;
  TraceFormat trace;
  std::unique_ptr<Dut> (*make)();
  BuildFacts facts = {};
  bool has_adapter = false;  ///< a test sequence drives it: compared are outputs
  /// Of variants for the sign-off (systole_add_variants): the design and its mutants as text
  /// (signoff/mutants/mutant.h); the file with what Yosys counted of the gates.
  std::string_view design = {}, mutants = {}, statistics = {};
};

/// Every model of this program, at least one; a program that runs networks has the first as its own.
std::span<const Build> builds();

/// The model of that configuration with that trace; `none` takes the one without trace or, where there is none, any.
/// Throws base::InputError with the names that this program has.
const Build& find_build(std::string_view configuration, TraceFormat trace);
std::unique_ptr<Dut> make_dut(std::string_view configuration, TraceFormat trace);

/// The configuration that this program runs where none is named.
inline std::string_view own_configuration() { return builds().front().configuration; }
/// Whether its design is driven by an adapter (sim/session/adapter.h).
inline bool has_adapter() { return builds().front().has_adapter; }

/// Which mutant of a model that holds some is awake: SYSTOLE_MUTANT of the environment, from 1; 0 or nothing: none.
/// Throws base::InputError for what is no number.
std::uint32_t awake_mutant();

/// SHA-256 of the RTL that this program's models were made from.
std::string_view rtl_hash();

/// Where this program was built; a folder may be gone since.
struct BuildPlace {
  std::string_view source_folder, build_folder;
  std::string_view cmake;                         ///< the program that configured it
  std::string_view rtl_sources;                   ///< of its models, absolute, in name order, a newline after each
  std::string_view blamed_sources = rtl_sources;  ///< whose lines a failure names
};
const BuildPlace& build_place();

}  // namespace systole::dut
