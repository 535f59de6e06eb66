// SPDX-License-Identifier: Apache-2.0
// systole_make_mutants FOLDER PER_MODEL MODELS SEED ROOT TOP [Name=value | -option ...] -- VLT ... -- SOURCE ...:
// writes into FOLDER
//   list.txt         the mutants, a line of Yosys' `mutate -list` each
//   list.cpp         the same, and the design, as texts of the program, so that what it runs and what it says are one
//   mutants_<i>.v    the design with the i-th part of them, PER_MODEL in each of the MODELS files
//   mutants.vlt      what VLT make public, for these
// SOURCE are relative to ROOT. -option: with which sources are read (MutatedDesign). Exit 1 with one line where
// something is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "signoff/mutants/choice.h"
#include "signoff/mutants/mutant.h"
#include "signoff/mutants/mutated_text.h"

namespace {

namespace fs = std::filesystem;
using namespace systole::signoff;

constexpr std::size_t kFixed = 6;  // arguments before the parameters
constexpr const char* kDashes = "--";

std::string read_text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// In pieces: a compiler need not take literals of any length.
std::string text_source(const std::string& name, const std::string& lines) {
  std::string text = fmt::format("extern const char* const {0};\nconst char* const {0} =\n", name);
  for (std::size_t at = 0, end = 0; at < lines.size(); at = end + 1) {
    end = lines.find('\n', at);
    text += fmt::format("    R\"~({}\n)~\"\n", lines.substr(at, end - at));
  }
  return text + "    \"\";\n";
}

void make(std::span<const std::string> arguments) {
  const fs::path folder = arguments[0];
  const auto per_model = std::stoul(arguments[1]), models = std::stoul(arguments[2]);
  MutatedDesign design{.folder = arguments[4], .sources = {}, .top = arguments[5], .parameters = {}};
  const auto parameters_end = std::find(arguments.begin(), arguments.end(), kDashes);
  const auto vlts_end = std::find(parameters_end + 1, arguments.end(), kDashes);
  for (auto word = arguments.begin() + kFixed; word != parameters_end; ++word)
    (word->starts_with('-') ? design.options : design.parameters).push_back(*word);
  design.sources.assign(vlts_end + 1, arguments.end());
  std::string vlts;
  for (auto vlt = parameters_end + 1; vlt != vlts_end; ++vlt) vlts += read_text(*vlt);
  const std::vector<KeptVariable> keep = public_variables(vlts);

  const std::vector<Mutant> mutants =
      choose_mutants(design, per_model * models, static_cast<unsigned>(std::stoul(arguments[3])));
  std::string list;
  for (const Mutant& mutant : mutants) list += fmt::format("mutate {}\n", mutant.options);
  std::set<KeptVariable> kept;
  for (std::size_t i = 0; i < models; ++i) {
    const std::size_t first = std::min(i * per_model, mutants.size());
    const auto part = std::span(mutants).subspan(first, std::min(per_model, mutants.size() - first));
    const MutatedText text = mutated_text(design, part, keep);
    systole::base::write_file_at_once(folder / fmt::format("mutants_{}.v", i), text.verilog);
    kept.insert(text.kept.begin(), text.kept.end());
  }
  systole::base::write_file_at_once(folder / "mutants.vlt", vlt_text(std::vector(kept.begin(), kept.end())));
  systole::base::write_file_at_once(folder / "list.txt", list);
  systole::base::write_file_at_once(folder / "list.cpp", text_source("systole_mutant_list", list) +
                                                             text_source("systole_mutated_design", text_of(design)));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < kFixed || std::ranges::count(arguments, kDashes) != 2) {
    fmt::print(
        stderr,
        "usage: systole_make_mutants FOLDER PER_MODEL MODELS SEED ROOT TOP [Name=value | -option ...] -- VLT ... "
        "-- SOURCE ...\n");
    return 2;
  }
  try {
    make(arguments);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "systole_make_mutants: {}\n", error.what());
    return 1;
  }
}
