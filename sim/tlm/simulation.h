// SPDX-License-Identifier: Apache-2.0
#pragma once
// A SystemC simulation of its own while it lives: modules can be built, run and destroyed more than once in a process.
#include <systemc>

namespace systole::tlm {

class Simulation {
 public:
  Simulation();
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  Simulation(Simulation&&) = delete;
  Simulation& operator=(Simulation&&) = delete;

 private:
  sc_core::sc_simcontext* outer_;
  sc_core::sc_simcontext* outer_default_;
};

}  // namespace systole::tlm
