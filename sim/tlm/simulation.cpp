// SPDX-License-Identifier: Apache-2.0
#include "sim/tlm/simulation.h"

#include <vector>

// The SystemC library carries a main() that calls sc_main(); every program here has a main() of its own.
int sc_main(int /*argc*/, char** /*argv*/) { return 1; }

namespace systole::tlm {

Simulation::Simulation() : outer_(sc_core::sc_curr_simcontext), outer_default_(sc_core::sc_default_global_context) {
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = new sc_core::sc_simcontext;
}

namespace {

/// SystemC 3.0 destroys threads that have not ended after what their destructors need, and crashes; whether there are
/// such threads cannot be asked. There a context stays until the program ends, and what it holds is reachable as long.
void release(sc_core::sc_simcontext* context) {
#if SC_VERSION_MAJOR >= 3
  static auto& kept = *new std::vector<sc_core::sc_simcontext*>;
  kept.push_back(context);
#else
  delete context;
#endif
}

}  // namespace

Simulation::~Simulation() {
  release(sc_core::sc_curr_simcontext);
  sc_core::sc_curr_simcontext = outer_;
  sc_core::sc_default_global_context = outer_default_;
}

}  // namespace systole::tlm
