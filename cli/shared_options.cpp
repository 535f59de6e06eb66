// SPDX-License-Identifier: Apache-2.0
#include "cli/shared_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/input_error.h"
#include "sim/dut/registry.h"

namespace systole::cli {

namespace {

constexpr const char* kDatasets =
    "glyphs, cifar10:FILE, idx:IMAGES,LABELS, npy:IMAGES[,LABELS] (uint8) or folder:DIR (a folder a class, or "
    "labels.csv)";

}  // namespace

void add_image_options(CLI::App& command, ImageOptions& images, const std::string& description) {
  command.add_option("--images", images.count, description)->check(CLI::Range(1, 1000000000))->capture_default_str();
  add_dataset_option(command, images.dataset);
}

void add_dataset_option(CLI::App& command, std::string& dataset) {
  command.add_option("--dataset", dataset, fmt::format("{}", kDatasets))->capture_default_str();
}

namespace {

void add_dataset_or_samples_option(CLI::App& command, std::string& dataset) {
  command.add_option("--dataset", dataset,
                     fmt::format("{}; without it the network's samples/, else glyphs", kDatasets));
}

}  // namespace

void add_input_options(CLI::App& command, std::vector<std::string>& files, std::string& dataset) {
  command.add_option("--input", files, fmt::format("Files instead of a data set: {}", kInputFiles))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_dataset_or_samples_option(command, dataset);
}

void add_input_options(CLI::App& command, std::string& file, std::string& dataset) {
  command.add_option("--input", file, fmt::format("A file instead of a data set: {}", kInputFiles));
  add_dataset_or_samples_option(command, dataset);
}

void CheckingOptions::settle(session::RunOptions& options) const {
  const auto* const level = std::find(check::kCheckLevelNames.begin(), check::kCheckLevelNames.end(), check);
  options.check = static_cast<check::CheckLevel>(level - check::kCheckLevelNames.begin());
  options.stall = *kernel::stall_from_string(stall);
}

void add_checking_options(CLI::App& command, CheckingOptions& checking, std::uint64_t& seed) {
  if (dut::has_adapter()) checking.check = to_string(check::CheckLevel::outputs);
  const auto names = [](const auto& list) { return std::vector<std::string>(list.begin(), list.end()); };
  command
      .add_option("--check", checking.check,
                  "What is compared: nothing, out beats and tensors, every pin in every cycle too, every cell as "
                  "well, every watched register")
      ->check(CLI::IsMember(names(check::kCheckLevelNames)))
      ->capture_default_str();
  command.add_option("--stall", checking.stall, "Which streams are withheld at random")
      ->check(CLI::IsMember(names(kernel::kStallNames)))
      ->capture_default_str();
  command.add_option("--seed", seed, "Seed of stalls and initial state")->check(not_negative())->capture_default_str();
}

void TraceOptions::need_trace(const std::string& option) const {
  if (format.empty()) throw base::InputError(option, "", "needs --trace vcd or --trace fst");
}

void TraceOptions::settle(session::RunOptions& options) const {
  if (!options.trace_file.empty()) need_trace("--trace-file");
  if (format == "vcd") options.trace = dut::TraceFormat::vcd;
  if (format == "fst") options.trace = dut::TraceFormat::fst;
}

void add_trace_options(CLI::App& command, TraceOptions& trace, std::filesystem::path& file, const std::string& what,
                       const std::string& where) {
  command.add_option("--trace", trace.format, what)->check(CLI::IsMember({"vcd", "fst"}));
  command.add_option("--trace-file", file, fmt::format("Where to ({})", where));
}

CLI::Validator not_negative() {
  const auto check = [](const std::string& text) {
    double value = 0;
    if (!CLI::detail::lexical_cast(text, value) || value >= 0) return std::string();  // what is no number fails later
    return fmt::format("expected 0 or more, found {}", text);
  };
  return {check, "NOT NEGATIVE"};
}

}  // namespace systole::cli
