// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ports of a design as Verilator elaborates it.
#include <string>
#include <vector>

namespace systole::scaffold {

struct Port {
  std::string name;
  bool input = false;
  int bits = 0;
};

/// What is elaborated: the top module and what Verilator is called with besides it.
struct Design {
  std::string top;
  std::vector<std::string> sources, include_dirs, defines;
  std::vector<std::string> params;  ///< Name=value
};

/// In the order of the module's header. Throws base::InputError with Verilator's first error where it does not take the
/// RTL, and for a port that no adapter can drive: inout, an interface or an unpacked array.
std::vector<Port> ports_of(const Design& design);

}  // namespace systole::scaffold
