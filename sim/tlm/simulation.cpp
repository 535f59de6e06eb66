// SPDX-License-Identifier: Apache-2.0
#include "sim/tlm/simulation.h"

// The SystemC library carries a main() that calls sc_main(); every program here has a main() of its own.
int sc_main(int /*argc*/, char** /*argv*/) { return 1; }

namespace systole::tlm {

Simulation::Simulation() : outer_(sc_core::sc_curr_simcontext), outer_default_(sc_core::sc_default_global_context) {
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = new sc_core::sc_simcontext;
}

Simulation::~Simulation() {
  delete sc_core::sc_curr_simcontext;
  sc_core::sc_curr_simcontext = outer_;
  sc_core::sc_default_global_context = outer_default_;
}

}  // namespace systole::tlm
