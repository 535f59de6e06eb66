// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mutants of a design: one bit of one cell of the elaborated design changed, as Yosys' pass `mutate` names them.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace systole::signoff {

/// Lines of a source file, from 1, both included.
struct SourceLines {
  std::string file;
  int first = 0, last = 0;
};

/// The design whose mutants they are. `sources` are relative to `folder`, so that names that hold them are the same in
/// every clone.
struct MutatedDesign {
  std::filesystem::path folder;
  std::vector<std::string> sources;
  std::string top;
  std::vector<std::string> parameters;    ///< "Rows=4"
  std::vector<std::string> options = {};  ///< with which the sources are read: "-DNAME=1", "-Ifolder"
};

/// The design in lines "folder F", "top T", "parameter P", "option O", "source S", and back. Throws base::InputError
/// for text that is none of it; `name` calls it.
[[nodiscard]] std::string text_of(const MutatedDesign& design);
[[nodiscard]] MutatedDesign parse_design(const std::string& text, const std::string& name);

/// The files *.v of a folder, absolute, in name order.
[[nodiscard]] std::vector<std::filesystem::path> verilog_files(const std::filesystem::path& folder);

struct Mutant {
  std::string mode;     ///< inv, const0, const1; cnot0, cnot1: inverted while another bit of the port has that value
  std::string module;   ///< as the source names it
  std::string derived;  ///< the same with its parameters, as Yosys names it
  std::string cell, port;
  std::size_t bit = 0;                 ///< of the port
  std::optional<std::size_t> control;  ///< the other bit of the port, of a cnot0 or cnot1
  std::string wire;                    ///< that the bit belongs to, or empty
  std::vector<SourceLines> sources;    ///< of the cell and of the wire's declaration; may be empty
  std::string options;                 ///< of `mutate`
};

/// One mutant for each line of what `mutate -list` writes; lines of the mode `none` are left out. Throws
/// base::InputError with file and line for text that is none of it.
[[nodiscard]] std::vector<Mutant> read_mutants(const std::filesystem::path& file);
/// The same for text that `name` calls.
[[nodiscard]] std::vector<Mutant> parse_mutants(const std::string& text, const std::string& name);

/// The source's name of a module to which Yosys has given parameters.
[[nodiscard]] std::string source_name(const std::string& module);

}  // namespace systole::signoff
