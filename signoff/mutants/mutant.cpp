// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/mutant.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/input_error.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

bool parse_number(const std::string& text, std::size_t& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

/// "rtl/skew.v:22.26-22.29": lines 22 to 22.
bool parse_source(const std::string& text, SourceLines& lines) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  lines.file = text.substr(0, colon);
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data() + colon + 1, end, lines.first);
  lines.last = lines.first;
  const std::size_t dash = text.find('-', colon);
  if (dash != std::string::npos) std::from_chars(text.data() + dash + 1, end, lines.last);
  return first.ec == std::errc() && lines.last >= lines.first;
}

/// The mutant of that line; false where it is none.
bool parse_mutant(const std::string& line, Mutant& mutant) {
  constexpr std::string_view kPass = "mutate ";
  if (!line.starts_with(kPass)) return false;
  mutant.options = line.substr(kPass.size());
  std::istringstream words(mutant.options);
  for (std::string option, value; words >> option >> value;) {
    if (option == "-mode") mutant.mode = value;
    if (option == "-module") mutant.module = source_name(mutant.derived = value);
    if (option == "-cell") mutant.cell = value;
    if (option == "-port") mutant.port = value;
    if (option == "-wire") mutant.wire = value;
    if (option == "-portbit" && !parse_number(value, mutant.bit)) return false;
    if (option == "-ctrlbit" && !parse_number(value, mutant.control.emplace())) return false;
    if (option == "-src" && !parse_source(value, mutant.sources.emplace_back())) return false;
  }
  // Line 0: of a cell that no line says, as a shift in an index.
  std::erase_if(mutant.sources, [](const SourceLines& lines) { return lines.first == 0; });
  return mutant.mode == "none" || (!mutant.mode.empty() && !mutant.module.empty() && !mutant.cell.empty());
}

}  // namespace

std::string text_of(const MutatedDesign& design) {
  std::string text = fmt::format("folder {}\ntop {}\n", design.folder.string(), design.top);
  for (const std::string& parameter : design.parameters) text += fmt::format("parameter {}\n", parameter);
  for (const std::string& option : design.options) text += fmt::format("option {}\n", option);
  for (const std::string& source : design.sources) text += fmt::format("source {}\n", source);
  return text;
}

MutatedDesign parse_design(const std::string& text, const std::string& name) {
  MutatedDesign design;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, blank), value = line.substr(std::min(blank + 1, line.size()));
    if (key == "folder") {
      design.folder = value;
    } else if (key == "top") {
      design.top = value;
    } else if (key == "parameter") {
      design.parameters.push_back(value);
    } else if (key == "option") {
      design.options.push_back(value);
    } else if (key == "source") {
      design.sources.push_back(value);
    } else {
      throw base::InputError(name, line, "expected folder, top, parameter, option or source");
    }
  }
  if (design.top.empty() || design.sources.empty()) throw base::InputError(name, "", "expected a top and sources");
  return design;
}

std::vector<fs::path> verilog_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".v") files.push_back(fs::absolute(entry.path()));
  }
  std::ranges::sort(files);
  return files;
}

std::string source_name(const std::string& module) {
  constexpr std::string_view kDerived = "$paramod";
  if (!module.starts_with(kDerived)) return module;
  // "$paramod$HASH\name", or "$paramod\name\Width=32" where the parameters are short
  const std::size_t first = module.find('\\') + 1;
  return module.substr(first, module.find('\\', first) - first);
}

std::vector<Mutant> parse_mutants(const std::string& text, const std::string& name) {
  std::vector<Mutant> mutants;
  std::istringstream in(text);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    Mutant mutant;
    if (!parse_mutant(line, mutant)) {
      throw base::InputError(name, fmt::format("line {}", number), "expected a line of Yosys' mutate -list");
    }
    if (mutant.mode != "none") mutants.push_back(std::move(mutant));
  }
  return mutants;
}

std::vector<Mutant> read_mutants(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw base::InputError(file.string(), "", "cannot be read");
  return parse_mutants({std::istreambuf_iterator<char>(in), {}}, file.string());
}

}  // namespace systole::signoff
