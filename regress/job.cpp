// SPDX-License-Identifier: Apache-2.0
#include "regress/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "base/input_error.h"
#include "base/sha256.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;

/// The last image of "0-9", or of "9".
std::int64_t last_of(const std::string& images) { return std::stoll(images.substr(images.find('-') + 1)); }

class Words {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {}
  Words& option(const char* name, const std::string& value) {
    if (!value.empty()) words_.insert(words_.end(), {name, value});
    return *this;
  }
  void flag(const char* name) { words_.emplace_back(name); }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

/// A program of systole_add_dut has its design alone.
std::string configuration_of(const std::string& design) { return design.starts_with(kDut) ? "" : design; }

std::vector<std::string> run_words(const Block& block, const Point& at) {
  const std::int64_t first = std::stoll(at[Axis::images]);
  Words words({"run", at[Axis::network]});
  words.option("--dataset", block.dataset)
      .option("--config", configuration_of(at[Axis::design]))
      .option("--kind", block.kind)
      .option("--layer", at[Axis::layer] == kAllLayers ? "" : at[Axis::layer])
      .option("--via", at[Axis::via])
      .option("--check", at[Axis::check])
      .option("--stall", at[Axis::stall])
      .option("--seed", at[Axis::seed])
      .option("--first-image", std::to_string(first))
      .option("--images", std::to_string(last_of(at[Axis::images]) - first + 1));
  if (block.skip_unfit) words.flag("--skip-unfit");
  words.flag(kNoFailureFolder);
  return words.take();
}

std::vector<std::string> replay_words(const Point& at) {
  return Words({"replay", at[Axis::vectors]})
      .option("--config", configuration_of(at[Axis::design]))
      .option("--stall", at[Axis::stall])
      .option("--seed", at[Axis::seed])
      .take();
}

std::string name_of(const Block& block, const Point& at) {
  const bool replays = at[Axis::network].empty();
  std::string name = fmt::format("{} {}", replays ? at[Axis::vectors] : at[Axis::network], at[Axis::design]);
  if (!block.kind.empty()) name += "/" + block.kind;
  if (!replays && at[Axis::layer] != kAllLayers) name += " layer " + at[Axis::layer];
  if (!replays && at[Axis::via] != "native") name += " via " + at[Axis::via];
  if (!at[Axis::check].empty()) name += " check " + at[Axis::check];
  name += fmt::format(" stall {} seed {}", at[Axis::stall], at[Axis::seed]);
  if (!replays) name += " images " + at[Axis::images];
  if (!block.dataset.empty()) name += " of " + block.dataset;
  if (block.skip_unfit) name += " skip-unfit";
  return name;
}

Job job_of(const Block& block, const Point& at, const Surroundings& surroundings) {
  const bool replays = at[Axis::network].empty();
  const DesignFacts& design = surroundings.designs.at(design_key(at[Axis::design], block.kind));
  Job job;
  job.at = at;
  job.weight = block.weight;
  job.name = name_of(block, at);
  job.words = replays ? replay_words(at) : run_words(block, at);
  job.program = replays ? design.replayer : design.program;
  const std::string identity = fmt::format("{}\n{}", at[Axis::design], fmt::join(job.words, "\n"));
  job.key = short_sha256(identity);
  const std::string& input = surroundings.hashes.at(replays ? at[Axis::vectors] : at[Axis::network]);
  job.id = short_sha256(fmt::format("{}\n{}\n{}", identity, input, design.hashes));
  return job;
}

}  // namespace

std::string design_key(const std::string& design, const std::string& kind) {
  return kind.empty() ? design : design + "/" + kind;
}

std::string short_sha256(const std::string& text) {
  constexpr std::size_t kDigits = 16;  // of a million jobs two are alike with a chance of 3e-8
  return base::sha256_of(text).substr(0, kDigits);
}

std::string folder_sha256(const fs::path& folder) {
  std::error_code code;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (entry->is_regular_file()) files.push_back(entry->path());
  }
  if (code || files.empty()) {
    throw base::InputError(folder.string(), "", code ? "cannot be read: " + code.message() : "expected files in it");
  }
  std::ranges::sort(files);
  std::string text;
  for (const fs::path& file : files)
    text += fmt::format("{} {}\n", file.lexically_relative(folder).string(), base::sha256_of_file(file));
  return base::sha256_of(text);
}

std::vector<Job> jobs_of(const Plan& plan, const Surroundings& surroundings) {
  constexpr std::size_t kMost = 1'000'000;
  std::vector<Job> jobs;
  std::set<std::string> known;
  for (std::size_t i = 0; i < plan.blocks.size(); ++i) {
    for (const Point& point : points_of(plan.blocks[i], surroundings.drawn_from)) {
      Job job = job_of(plan.blocks[i], point, surroundings);
      job.block = i;
      if (!known.insert(job.key).second) continue;
      jobs.push_back(std::move(job));
      if (jobs.size() > kMost) throw base::InputError(plan.name, "", fmt::format("more than {} jobs", kMost));
    }
  }
  if (jobs.empty()) throw base::InputError(plan.name, "", "no job: all are excluded");
  return jobs;
}

}  // namespace systole::regress
