// SPDX-License-Identifier: Apache-2.0
#pragma once
// A planted fault, as faults.tsv or survivors.tsv states it.
#include <cstddef>
#include <string>
#include <vector>

namespace systole::test {

/// Its number, by which the RTL knows it, is its place among the faults and behind them the survivors, from 1.
struct Fault {
  std::string name, module;
  std::string quoted;   ///< text of rtl/<module>.v
  std::string mutated;  ///< what replaces it; @ is the condition "this fault is active"
  std::string program, check, outcome, signal;
  std::size_t line = 0;  ///< of the table, from 1
  std::string problem;   ///< why it could not be planted and what to do; empty: it was planted
};

/// The faults of the copy that a program carries, and those that the test suite's programs let live. The definitions
/// are made with the copy.
const std::vector<Fault>& planted_faults();
const std::vector<Fault>& planted_survivors();

/// Number of the fault or survivor of that name; of "", 0: none. Throws base::InputError for an unknown name, with the
/// command that lists them, and for a fault that could not be planted, with its problem.
int fault_number(const std::string& name);

}  // namespace systole::test
