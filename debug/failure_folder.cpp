// SPDX-License-Identifier: Apache-2.0
#include "debug/failure_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupted.h"
#include "base/output_file.h"
#include "base/sha256.h"
#include "debug/layer_failure.h"
#include "debug/looks.h"
#include "debug/operands.h"
#include "debug/other_dump.h"
#include "debug/repair.h"
#include "debug/rtl_lines.h"
#include "debug/step_record.h"
#include "debug/steps.h"
#include "debug/token.h"
#include "debug/word_netlist.h"
#include "sim/dut/registry.h"
#include "sim/dut/source_file.h"
#include "sim/session/design.h"
#include "sim/trace/view.h"

namespace systole::debug {
namespace {

namespace fs = std::filesystem;
using check::Mismatch;
using session::CycleRange;
using Json = nlohmann::ordered_json;

/// Cycles between origin and detection up to which one window shows both.
constexpr std::uint64_t kOneWindow = 1500;
constexpr const char* kView = "window.gtkw";

/// Names of networks and layers are free; those of folders hold nothing that a shell or a viewer would take apart.
std::string folder_name(const std::string& text) {
  std::string name = text;
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_'; };
  std::ranges::replace_if(
      name, [&plain](char c) { return !plain(c); }, '_');
  return name;
}

/// The folder, new; a name that is taken gets a number behind it.
fs::path make_folder(const fs::path& place, const std::string& name) {
  std::error_code error;
  fs::create_directories(place, error);
  for (int number = 1; !error; ++number) {
    fs::path folder = place / (number == 1 ? name : fmt::format("{}-{}", name, number));
    if (fs::create_directory(folder, error)) return folder;
  }
  throw base::InputError((place / name).string(), "", "cannot be made: " + error.message());
}

std::size_t count_failures(const fs::path& place) {
  return static_cast<std::size_t>(std::ranges::count_if(
      fs::directory_iterator(place), [](const auto& entry) { return fs::exists(entry.path() / "failure.json"); }));
}

/// The format in which a model of this program can show the configuration.
dut::TraceFormat traced_format(const std::string& configuration) {
  for (const dut::TraceFormat wanted : {dut::TraceFormat::fst, dut::TraceFormat::vcd}) {
    for (const dut::Build& build : dut::builds()) {
      if (build.configuration == configuration && build.trace == wanted) return wanted;
    }
  }
  return dut::TraceFormat::none;
}

std::vector<CycleRange> window_around(const session::FailurePoint& at) {
  if (!at.origin) return {{.first = session::range_around(at.cycle).first, .last = at.cycle}};
  const CycleRange origin = session::range_around(at.origin->cycle);
  if (!at.detection) return {origin};
  const CycleRange detection = session::range_around(at.detection->cycle);
  if (at.detection->cycle - at.origin->cycle > kOneWindow) return {origin, detection};
  return {{.first = origin.first, .last = detection.last}};
}

/// The numbers of "oc 3 oh 1 ow 0 padding" by name, and whether the tap lies in the padding.
Json coordinate_json(const std::string& text) {
  Json json = Json::object();
  std::istringstream words(text);
  std::string name;
  for (std::string word; words >> word; name = word) {
    if (std::isdigit(static_cast<unsigned char>(word[0])) != 0 && !name.empty()) json[name] = std::stoll(word);
    if (word == "padding") json[word] = true;
  }
  return json;
}

Json to_json(const std::optional<Mismatch>& m) {
  if (!m) return nullptr;
  return {{"signal", m->signal}, {"checker", std::string(check::to_string(m->checker))},
          {"cycle", m->cycle},   {"coordinate", coordinate_json(m->coordinate)},
          {"rtl", m->rtl},       {"golden", m->golden}};
}

Json to_json(const std::vector<RtlLine>& lines) {
  Json json = Json::array();
  for (const RtlLine& line : lines)
    json.push_back({{"file", line.file.string()}, {"line", line.line}, {"module", line.module}, {"text", line.text}});
  return json;
}

Json to_json(const std::vector<Operand>& operands) {
  Json json = Json::array();
  for (const Operand& one : operands)
    json.push_back({{"signal", one.signal}, {"bits", one.bits}, {"value", one.value}});
  return json;
}

std::string in_words(const Mismatch& m) {
  return fmt::format("{} is {} in cycle {}, golden {}{}", m.signal, m.rtl, m.cycle, m.golden,
                     m.coordinate.empty() ? "" : ", " + m.coordinate);
}

/// The design of this program as its sources have it.
RtlDesign rtl_design(const dut::Dut& dut) {
  RtlDesign design{.sources = {}, .top = session::design().view(dut).top, .parameters = {}};
  for (const dut::Parameter& parameter : dut.parameters())
    design.parameters.push_back(fmt::format("{}={}", parameter.name, parameter.value));
  std::istringstream sources{std::string(dut::build_place().blamed_sources)};
  for (std::string source; std::getline(sources, source);)
    design.sources.push_back(dut::source_file(source).lexically_proximate(fs::current_path()));
  return design;
}

/// Modules and lines that can have made the first differences, the likeliest first, and what the origin was made of;
/// empty for a design whose registers nobody watches.
struct Suspects {
  std::vector<std::string> modules;
  std::vector<RtlLine> lines;
  std::vector<Operand> operands;
};
Suspects suspects_of(const session::FailurePoint& at, const std::string& configuration, const StepRecord& record) {
  constexpr std::chrono::milliseconds kLimit(1000);  // of the two seconds that a user waits at most
  constexpr std::size_t kMostModules = 4, kMostLines = 5;
  if (dut::has_adapter() || !at.origin) return {};
  const std::unique_ptr<dut::Dut> dut = dut::make_dut(configuration, dut::TraceFormat::none);
  const RtlDesign design = rtl_design(*dut);
  std::optional<Netlist> netlist = Netlist::read(design);
  if (!netlist) return {};
  Suspects suspects{.modules = {}, .lines = suspected_lines(*netlist, dut->pins(), at.first), .operands = {}};
  if (const std::optional<WordNetlist> words = WordNetlist::read(design); words && !record.expected.empty()) {
    const Steps steps(*words, record);
    suspects.lines = with_repairs(std::move(suspects.lines), lines_of(*words, find_repairs(*words, steps, kLimit)));
    if (steps.unlike().empty()) suspects.operands = operands_of(*netlist, *words, steps, at.origin->signal);
  }
  suspects.modules = modules_of(suspects.lines);
  suspects.modules.resize(std::min(suspects.modules.size(), kMostModules));
  suspects.lines.resize(std::min(suspects.lines.size(), kMostLines));
  if (!dut::is_frozen()) return suspects;
  for (RtlLine& line : suspects.lines)
    line.file = dut::original_source(line.file).lexically_proximate(fs::current_path());
  return suspects;
}

std::string looks_of(const session::FailurePoint& at, const std::string& configuration, const StepRecord& steps) {
  if (!at.origin) return {};
  const std::unique_ptr<dut::Dut> dut = dut::make_dut(configuration, dut::TraceFormat::none);
  const std::string& signal = at.origin->signal;
  return how_it_looks(at.series, at.first, word_of(dut->pins(), signal), value_before(steps, signal));
}

std::vector<std::string> blame(const session::FailurePoint& at, const Suspects& suspects) {
  if (!at.origin) {
    return {fmt::format("no value differs up to cycle {}, in which the run ended in layer {}", at.cycle, at.layer)};
  }
  std::vector<std::string> lines{fmt::format("origin: {} (layer {})", in_words(*at.origin), at.layer)};
  if (!suspects.modules.empty())
    lines.push_back(
        fmt::format("suspect: {}; every watched register before it was right", fmt::join(suspects.modules, ", ")));
  constexpr std::size_t kShownLines = 3;
  for (std::size_t i = 0; i < std::min(suspects.lines.size(), kShownLines); ++i) {
    const RtlLine& line = suspects.lines[i];
    lines.push_back(fmt::format("perhaps in {} at {}:{}: {}", line.module, line.file.string(), line.line, line.text));
  }
  constexpr std::size_t kNamed = 3;
  std::vector<std::string> others;
  for (std::size_t i = 1; i < std::min(at.first.size(), kNamed + 1); ++i)
    others.push_back(at.first[i].checker == check::Checker::tensor ? at.first[i].coordinate : at.first[i].signal);
  if (at.first.size() > kNamed + 1) others.emplace_back("more");
  if (!others.empty()) lines.push_back(fmt::format("wrong in the same cycle: {}", fmt::join(others, ", ")));
  if (!at.detection) {
    lines.push_back(fmt::format("not seen outside up to cycle {}, in which the run ended", at.cycle));
  } else if (at.detection->cycle > at.origin->cycle) {
    lines.push_back(fmt::format("seen outside {} later: {}",
                                base::counted(at.detection->cycle - at.origin->cycle, "cycle"),
                                in_words(*at.detection)));
  }
  return lines;
}

class Investigation {
 public:
  Investigation(const FailedRun& run, const std::function<void(double)>& progress) : run_(run), progress_(progress) {}

  FailureFolder make(const fs::path& place);

 private:
  /// Dump, and what is found out; lines for blame.txt.
  std::vector<std::string> investigate(const fs::path& folder);
  void dump(const fs::path& folder);
  [[nodiscard]] std::string json(bool complete) const;

  const FailedRun& run_;
  const std::function<void(double)>& progress_;
  session::FailurePoint at_;
  StepRecord steps_;  ///< up to the origin
  Suspects suspects_;
  std::string looks_;
  std::vector<CycleRange> window_;
  Json files_ = Json::array();
  std::vector<std::string> notes_;  ///< on what could not be made
};

void Investigation::dump(const fs::path& folder) {
  session::RunOptions options = run_.options;
  options.check = highest_level(options.configuration);
  options.trace = traced_format(options.configuration);
  if (options.trace == dut::TraceFormat::none) {
    notes_.emplace_back("no window: this program's model has no trace; run again with --kind edit");
    return;
  }
  options.trace_file = folder / fmt::format("window.{}", to_string(options.trace));
  options.trace_window = dut::has_adapter() ? at_.layer : session::to_string(window_);
  const bool goes_on = at_.origin && !dut::has_adapter();
  options.after_failure = goes_on ? window_.back().last - at_.origin->cycle : 0;
  session::RunReport report = session::run_network(
      run_.network, options, [this](std::int64_t) { return run_.image; }, 1,
      [this](double done, std::uint64_t /*cycles*/) { progress_((1 + done) / 2); });
  if (report.outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  if (report.failure && report.failure->origin && at_.origin && report.failure->origin->signal == at_.origin->signal)
    at_.series = std::move(report.failure->series);
  files_.push_back(options.trace_file.filename().string());
  const fs::path view = trace::view_path(options.trace_file);
  if (fs::exists(view)) {
    fs::rename(view, folder / kView);
    files_.push_back(kView);
  }
  const std::string problem = write_other_dump(options.trace_file);
  if (!problem.empty()) notes_.push_back(problem);
  if (problem.empty()) files_.push_back(options.trace == dut::TraceFormat::fst ? "window.vcd" : "window.fst");
}

std::string Investigation::json(bool complete) const {
  const session::RunOptions& o = run_.options;
  Json window = Json::array();
  for (const CycleRange& range : window_) window.push_back({range.first, range.last});
  const Json json{
      {"version", 1},
      {"complete", complete},
      {"token", run_.token},
      {"outcome", run_.outcome},
      {"command", run_.command},
      {"network",
       {{"name", run_.network.name}, {"folder", run_.folder.string()}, {"sha256", network_sha256(run_.folder)}}},
      {"inputs", run_.inputs},
      {"dataset", run_.dataset},
      {"rtl_sha256", std::string(dut::rtl_hash())},
      {"design", o.configuration},
      {"seed", o.seed},
      {"stall", std::string(to_string(o.stall))},
      {"via", std::string(to_string(o.via))},
      {"image", run_.image.index},
      {"layer", at_.layer},
      {"ended_in_cycle", at_.cycle},
      {"origin", to_json(at_.origin)},
      {"detection", to_json(at_.detection)},
      {"operands", to_json(suspects_.operands)},
      {"looks_like", looks_},
      {"suspects", {{"modules", suspects_.modules}, {"lines", to_json(suspects_.lines)}}},
      {"window", window},
      {"files", files_},
      {"notes", notes_}};
  return json.dump(2) + "\n";
}

std::vector<std::string> Investigation::investigate(const fs::path& folder) {
  suspects_ = suspects_of(at_, run_.options.configuration, steps_);
  dump(folder);
  looks_ = looks_of(at_, run_.options.configuration, steps_);
  std::vector<std::string> lines = blame(at_, suspects_);
  if (!looks_.empty()) lines.insert(lines.begin() + 1, "looks like: " + looks_);
  const std::string doubt = doubt_of_golden(failing_layer(run_.network, run_.image.input, at_.layer));
  if (!doubt.empty()) lines.insert(lines.begin(), doubt);
  return lines;
}

FailureFolder Investigation::make(const fs::path& place) {
  session::RunOptions options = run_.options;
  options.check = highest_level(options.configuration);
  if (!dut::has_adapter()) {
    options.record = [this](const dut::Dut& dut, const session::Monitor& monitor) {
      return std::make_unique<StepRecorder>(dut, monitor, steps_);
    };
  }
  session::RunReport found = run_to_an_output(run_.network, options, run_.image,
                                              [this](double done, std::uint64_t /*cycles*/) { progress_(done / 2); });
  const bool again = found.failure.has_value();
  if (again) at_ = *std::move(found.failure);
  if (again && !dut::has_adapter()) window_ = window_around(at_);
  const std::string hash = short_hash(base::sha256_of(run_.token));
  FailureFolder result;
  result.path = make_folder(
      place, fmt::format("{}.{}-{}", folder_name(run_.network.name), folder_name(again ? at_.layer : "unknown"), hash));
  const fs::path record = result.path / "failure.json";
  base::write_file_at_once(record, json(false));
  result.blame = {"the image passes when it is run again by itself"};
  if (again) result.blame = investigate(result.path);
  for (const std::string& note : notes_) result.blame.push_back(note);
  std::string text;
  for (const std::string& line : result.blame) text += line + "\n";
  base::write_file_at_once(result.path / "blame.txt", text);
  files_.push_back("blame.txt");
  base::write_file_at_once(record, json(true));
  result.in_all = count_failures(place);
  return result;
}

}  // namespace

FailureFolder leave_failure_folder(const FailedRun& run, const fs::path& place,
                                   const std::function<void(double)>& progress) {
  return Investigation(run, progress).make(place);
}

fs::path view_of_failure(const fs::path& folder) {
  fs::path view = folder / kView;
  if (!fs::exists(view))
    throw base::InputError(folder.string(), "", fmt::format("expected the folder of a failure, with {}", kView));
  return view;
}

fs::path newest_failure_view(const fs::path& place) {
  fs::path newest;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(place, code)) {
    const fs::path view = entry.path() / kView;
    if (!fs::exists(view, code)) continue;
    if (newest.empty() || fs::last_write_time(view) > fs::last_write_time(newest)) newest = view;
  }
  return newest;
}

}  // namespace systole::debug
