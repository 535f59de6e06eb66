// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ports of a design as its Verilated class has them: what an adapter writes and reads.
#include <string>
#include <vector>

namespace systole::scaffold {

struct Port {
  std::string name;  ///< in C++: "__SYM__delete", "s__02evalid" for what Verilog spells delete and \\s.valid
  bool input = false;
  int bits = 0;
};

/// The name in letters, digits and single underscores, without what Verilator puts into names: "delete", "s_valid",
/// "R_out" for __SYM__delete, s__02evalid, R___05Fout. Several ports may share one.
std::string readable(const std::string& name);

/// What is elaborated: the top module and what Verilator is called with besides it.
struct Design {
  std::string top;
  std::vector<std::string> sources, include_dirs, defines;
  std::vector<std::string> params;  ///< Name=value
};

/// In the order of that class. Throws base::InputError with Verilator's first
/// error where it does not take the RTL, and for a port that no adapter can drive: inout, an interface or an unpacked
/// array.
std::vector<Port> ports_of(const Design& design);

}  // namespace systole::scaffold
