// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a job ended: judged of its process and of the report that it wrote, kept in a file.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regress/job.h"

namespace systole::regress {

enum class Verdict : std::uint8_t {
  passed,
  failed,     ///< it ran and something is wrong, or it was refused
  lost,       ///< it ended without a result: a signal, its limits, a full disk
  skipped,    ///< not started: time was up, or there were enough failures
  cancelled,  ///< not started or ended by a wish to end
};
inline constexpr std::size_t kVerdicts = 5;
[[nodiscard]] std::string_view to_string(Verdict verdict);
/// Throws std::invalid_argument.
[[nodiscard]] Verdict verdict_from(std::string_view text);
/// Whether the job was carried out to its end.
[[nodiscard]] constexpr bool is_result(Verdict verdict) { return verdict <= Verdict::lost; }

/// Whether a reader is to look at it.
[[nodiscard]] constexpr bool is_wrong(Verdict verdict) {
  return verdict == Verdict::failed || verdict == Verdict::lost;
}

struct JobResult {
  Verdict verdict = Verdict::skipped;
  std::string outcome;              ///< of the report ("mismatch"), "bad_input", "lost"; empty where there is none
  std::string line;                 ///< why it did not pass: the failure line, or in words
  std::string last;                 ///< of what a lost job wrote, its last lines
  std::string layer, kind, origin;  ///< where it failed; origin without places (debug::without_places)
  std::string also;                 ///< what else differs in that cycle, without places
  std::string token;                ///< that repeats the failure, or empty
  int attempts = 0;
  double seconds = 0;
  std::uint64_t images = 0, cycles = 0, compared = 0;
};

/// How a process ended.
struct Ending {
  int status = 0;      ///< as waitpid() has it
  bool late = false;   ///< ended for its time
  bool large = false;  ///< ended for its memory
  double seconds = 0;
  std::string reason = {};  ///< why it ended where whoever ran it knows; the job is lost
};

/// The words behind a program that show a failure again: those of its token, with the checks and the images of the
/// job, or the job's own.
[[nodiscard]] std::vector<std::string> words_again(const Job& job, const JobResult& result);

/// Of a job's folder.
inline constexpr const char *kReport = "report.json", *kOutput = "output.txt", *kResult = "result.json";

/// The result of a job whose process has ended and whose report and output are in `folder`. A verdict other than lost
/// needs a whole report that says the same as the exit code, where the job writes one.
[[nodiscard]] JobResult judge(const Job& job, const std::filesystem::path& folder, const Ending& ending,
                              const Limits& limits);

/// Writes FOLDER/result.json and renames it into place. Throws base::InputError.
void write_result(const std::filesystem::path& folder, const Job& job, const JobResult& result);

/// What write_result() wrote for that job; nothing where there is no such file, or it is cut or of another job.
[[nodiscard]] std::optional<JobResult> read_result(const std::filesystem::path& folder, const Job& job);

}  // namespace systole::regress
