// SPDX-License-Identifier: Apache-2.0
#include "regress/result.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "debug/layer_failure.h"
#include "regress/result_json.h"
#include "sim/kernel/outcome.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using kernel::Outcome;

constexpr std::array<std::string_view, kVerdicts> kVerdictNames{"passed", "failed", "lost", "skipped", "cancelled"};
constexpr std::string_view kRefused = "systole: ";  // starts the one line of bad input

/// The last lines of a file, of at most its last 64 KiB.
std::vector<std::string> last_lines(const fs::path& file, std::size_t most) {
  constexpr std::streamoff kBytes = 1 << 16;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  in.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(in.tellg()) - kBytes));
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(base::terminal_text(line));
    if (lines.size() > most) lines.pop_front();
  }
  return {lines.begin(), lines.end()};
}

/// The first line that starts so, or an empty one.
std::string line_with(const fs::path& file, std::string_view start) {
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(start)) return base::terminal_text(line);
  }
  return {};
}

/// Nothing where there is none or it is cut.
Json report_in(const fs::path& folder) {
  std::ifstream in(folder / kReport, std::ios::binary);
  Json report = Json::parse(in, nullptr, false);
  return report.is_object() ? report : Json();
}

std::string first_line(const std::string& text) { return base::terminal_text(text.substr(0, text.find('\n'))); }

/// Whether the program gave up for want of disk or memory, which says nothing of the design.
bool lacks_room(const std::string& line) {
  if (line.find("not enough memory") != std::string::npos) return true;
  return std::ranges::any_of(std::array{ENOSPC, EDQUOT, EFBIG, ENOMEM}, [&line](int error) {
    return line.find(std::generic_category().message(error)) != std::string::npos;
  });
}

class Judge {
 public:
  Judge(const Job& job, const fs::path& folder, const Ending& ending, const Limits& limits)
      : job_(job), folder_(folder), ending_(ending), limits_(limits) {}

  JobResult run() {
    result_.seconds = ending_.seconds;
    result_.attempts = 1;
    if (!ending_.reason.empty()) return lost(ending_.reason);
    if (ending_.late) return lost(fmt::format("took longer than {} s", limits_.seconds));
    if (ending_.large) return lost(fmt::format("used more than {} MB", limits_.memory_mb));
    if (WIFSIGNALED(ending_.status)) {
      const int signal = WTERMSIG(ending_.status);
      // Nobody here sends it: the kernel does, or a Slurm that kills a step process by process.
      const char* const cause = signal == SIGKILL ? ", perhaps for its memory" : "";
      return lost(fmt::format("signal {} ({}){}", signal, ::strsignal(signal), cause));
    }
    code_ = WEXITSTATUS(ending_.status);
    return job_.words.front() == "run" ? of_run() : of_replay();
  }

 private:
  JobResult lost(const std::string& why) {
    constexpr std::size_t kLines = 5;
    result_.verdict = Verdict::lost;
    result_.outcome = to_string(Outcome::lost);
    result_.line = why;
    result_.last = fmt::format("{}", fmt::join(last_lines(folder_ / kOutput, kLines), "\n"));
    return result_;
  }

  JobResult failed(const std::string& outcome, const std::string& line) {
    result_.verdict = Verdict::failed;
    result_.outcome = outcome;
    result_.line = line;
    return result_;
  }

  JobResult passed() {
    result_.verdict = Verdict::passed;
    result_.outcome = to_string(Outcome::passed);
    return result_;
  }

  /// A job that was refused is not lost: it will be refused again.
  JobResult without_report() {
    const std::vector<std::string> last = last_lines(folder_ / kOutput, 1);
    const bool refused = code_ == exit_code(Outcome::bad_input) && !last.empty() && last[0].starts_with(kRefused);
    if (refused && !lacks_room(last[0])) return failed(std::string(to_string(Outcome::bad_input)), last[0]);
    if (!refused) return lost(fmt::format("ended with exit code {} and no report", code_));
    std::string why = last[0].substr(kRefused.size());
    const std::string own = folder_.string() + "/";  // the same reason for every job
    if (why.starts_with(own)) why.erase(0, own.size());
    return lost(why);
  }

  JobResult of_run() {
    const Json report = report_in(folder_);
    if (report.is_null()) return without_report();
    try {
      return of_report(report);
    } catch (const Json::exception& error) {
      return lost(fmt::format("its report lacks something: {}", error.what()));
    }
  }

  JobResult of_report(const Json& report) {
    const auto outcome = report.at("outcome").get<std::string>();
    const bool passes = outcome == to_string(Outcome::passed);
    if (passes != (code_ == 0)) return lost(fmt::format("exit code {}, but its report says {}", code_, outcome));
    report.at("images").get_to(result_.images);
    report.at("cycles").get_to(result_.cycles);
    report.at("compared").get_to(result_.compared);
    if (passes) return passed();
    if (outcome == to_string(Outcome::lost) || outcome == to_string(Outcome::interrupted))
      return lost(fmt::format("{}: {}", outcome, report.at("detail").get<std::string>()));
    report.at("token").get_to(result_.token);
    place(report.at("failure"));
    const Json& failures = report.at("failures");
    return failed(outcome, failures.empty() ? fmt::format("{}: {}", outcome, report.at("detail").get<std::string>())
                                            : first_line(failures[0].get<std::string>()));
  }

  void place(const Json& failure) {
    if (failure.is_null()) return;
    failure.at("layer").get_to(result_.layer);
    failure.at("kind").get_to(result_.kind);
    const Json& origin = failure.at("origin");
    if (!origin.is_null()) result_.origin = debug::without_places(origin.at("signal").get<std::string>());
    std::set<std::string> also;
    for (const Json& signal : failure.at("first")) also.insert(debug::without_places(signal.get<std::string>()));
    also.erase(result_.origin);
    result_.also = fmt::format("{}", fmt::join(also, " "));
  }

  JobResult of_replay() {
    if (code_ == 0) return passed();
    if (code_ == exit_code(Outcome::bad_input)) return without_report();
    constexpr int kMostVerdicts = 6;
    if (code_ > kMostVerdicts || code_ == exit_code(Outcome::lost))
      return lost(fmt::format("ended with exit code {}", code_));
    const std::vector<std::string> last = last_lines(folder_ / kOutput, 1);
    const std::string line = line_with(folder_ / kOutput, "replay."), verdict = last.empty() ? "" : last[0];
    result_.kind = "set";
    return failed(verdict.substr(0, verdict.find(':')), line.empty() ? verdict : line);
  }

  const Job& job_;
  const fs::path& folder_;
  const Ending& ending_;
  const Limits& limits_;
  int code_ = 0;
  JobResult result_;
};

}  // namespace

std::string_view to_string(Verdict verdict) { return kVerdictNames[static_cast<std::size_t>(verdict)]; }

Verdict verdict_from(std::string_view text) {
  const auto* const found = std::ranges::find(kVerdictNames, text);
  if (found == kVerdictNames.end()) throw std::invalid_argument("verdict");
  return static_cast<Verdict>(found - kVerdictNames.begin());
}

std::vector<std::string> words_again(const Job& job, const JobResult& result) {
  std::vector<std::string> words = job.words;
  std::erase(words, kNoFailureFolder);
  if (result.token.empty()) return words;
  const auto dataset = std::ranges::find(words, "--dataset");
  const std::vector<std::string> images(dataset, dataset == words.end() ? dataset : dataset + 2);
  words = {"rerun", result.token, "--network", job.at[Axis::network]};
  words.insert(words.end(), images.begin(), images.end());
  if (!job.at[Axis::check].empty()) words.insert(words.end(), {"--check", job.at[Axis::check]});
  return words;
}

JobResult judge(const Job& job, const fs::path& folder, const Ending& ending, const Limits& limits) {
  return Judge(job, folder, ending, limits).run();
}

Json to_json(const JobResult& r) {
  return {{"verdict", std::string(to_string(r.verdict))},
          {"outcome", r.outcome},
          {"line", r.line},
          {"last", r.last},
          {"layer", r.layer},
          {"kind", r.kind},
          {"origin", r.origin},
          {"also", r.also},
          {"token", r.token},
          {"attempts", r.attempts},
          {"images", r.images},
          {"cycles", r.cycles},
          {"compared", r.compared},
          {"seconds", r.seconds}};
}

JobResult result_from(const Json& json) {
  JobResult r;
  r.verdict = verdict_from(json.at("verdict").get<std::string>());
  json.at("outcome").get_to(r.outcome);
  json.at("line").get_to(r.line);
  json.at("last").get_to(r.last);
  json.at("layer").get_to(r.layer);
  json.at("kind").get_to(r.kind);
  json.at("origin").get_to(r.origin);
  json.at("also").get_to(r.also);
  json.at("token").get_to(r.token);
  json.at("attempts").get_to(r.attempts);
  json.at("images").get_to(r.images);
  json.at("cycles").get_to(r.cycles);
  json.at("compared").get_to(r.compared);
  json.at("seconds").get_to(r.seconds);
  return r;
}

// No fsync: what a crash of the machine cuts is no result, and the job runs again.
void write_result(const fs::path& folder, const Job& job, const JobResult& result) {
  Json json{{"version", 1}, {"id", job.id}};
  json.update(to_json(result));
  const fs::path part = folder / (std::string(kResult) + ".part");
  base::write_file(part, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  std::error_code code;
  fs::rename(part, folder / kResult, code);
  if (code) throw base::InputError((folder / kResult).string(), "", "cannot be written: " + code.message());
}

std::optional<JobResult> read_result(const fs::path& folder, const Job& job) {
  std::ifstream in(folder / kResult, std::ios::binary);
  if (!in) return std::nullopt;
  try {
    const Json json = Json::parse(in);
    if (json.at("id").get<std::string>() != job.id) return std::nullopt;
    return result_from(json);
  } catch (const std::exception&) {  // cut, or of another version
    return std::nullopt;
  }
}

}  // namespace systole::regress
