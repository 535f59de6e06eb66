// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/input_error.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "debug/record.h"
#include "debug/token.h"
#include "golden/format/network_file.h"
#include "sim/dut/registry.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModels = "models";

struct RerunArguments {
  std::string what;  ///< token, or a failure's folder
  std::string failures = std::string(kFailures);
  std::string network, dataset;
  std::vector<std::string> inputs;
  bool anyway = false;
  std::vector<std::string> rest;  ///< for `run`
};

/// The folder in models/ whose network has that hash, or empty.
fs::path find_network(const std::string& hash) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(kModels, code)) {
    const fs::path& folder = entry.path();
    if (!fs::exists(folder / "network.json") || !fs::exists(folder / "weights.bin")) continue;
    if (debug::short_hash(debug::network_sha256(folder)) == hash) return folder;
  }
  return {};
}

debug::Record record_of(const RerunArguments& a) {
  debug::Record record;
  if (fs::exists(a.what)) {
    const fs::path given = a.what;
    record = debug::read_record(fs::is_directory(given) ? given : given.parent_path());
  } else {
    record = debug::find_record(a.failures, a.what)
                 .value_or(debug::Record{.token = a.what, .folder = {}, .inputs = {}, .dataset = {}});
  }
  if (!a.inputs.empty() || !a.dataset.empty()) {
    record.inputs = a.inputs;
    record.dataset = a.dataset;
  }
  if (!a.network.empty()) record.folder = a.network;
  return record;
}

void require_same(const char* what, const std::string& token, const std::string& here, bool anyway) {
  if (token == here || anyway) return;
  throw base::InputError(what, "",
                         fmt::format("the token has {}, here is {}; --anyway runs it all the same", token, here));
}

/// Refuses where what decides the result is not what the token says.
void require_same(const debug::Token& token, const debug::Record& record, bool anyway) {
  require_same("RTL", token.rtl, debug::short_hash(std::string(dut::rtl_hash())), anyway);
  const std::string network = record.folder.string();
  require_same(network.c_str(), token.network, debug::short_hash(debug::network_sha256(network)), anyway);
  if (token.input.empty()) return;
  if (record.inputs.empty() && record.dataset.empty()) {
    throw base::InputError("the token's image", token.input,
                           "is not the network's own; name it: --input FILE or --dataset NAME");
  }
  const model::Network loaded = model::load_network(network);
  const NetworkImages images(network, loaded, record.inputs, record.dataset);
  (void)images.count(token.image, 1);
  require_same("image", token.input, debug::short_hash(debug::tensor_sha256(images.at(token.image).input)), anyway);
}

std::vector<std::string> run_words(const debug::Token& token, const debug::Record& record) {
  std::vector<std::string> words{"run", record.folder.string()};
  for (const std::string& input : record.inputs) words.insert(words.end(), {"--input", input});
  if (record.inputs.empty() && !record.dataset.empty()) words.insert(words.end(), {"--dataset", record.dataset});
  words.insert(words.end(), {"--config", token.design, "--seed", std::to_string(token.seed), "--stall",
                             std::string(to_string(token.stall)), "--via", std::string(to_string(token.via)),
                             "--images", "1", "--first-image", std::to_string(token.image)});
  if (dut::has_adapter()) words.emplace_back("--skip-unfit");  // as the run did, or it had been refused
  if (!token.layer.empty()) words.insert(words.end(), {"--layer", token.layer});
  return words;
}

[[noreturn]] void become_run(std::vector<std::string> words) {
  std::string line = own_command();
  for (const std::string& word : words) line += " " + base::shell_word(word);
  fmt::print("{}\n", line);
  std::fflush(stdout);
  words.insert(words.begin(), "systole");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv("/proc/self/exe", arguments.data());
  throw base::InputError("/proc/self/exe", "", std::generic_category().message(errno));
}

int rerun(const RerunArguments& a) {
  debug::Record record = record_of(a);
  const debug::Token token = debug::parse_token(record.token);
  if (record.folder.empty()) record.folder = find_network(token.network);
  if (record.folder.empty()) {
    throw base::InputError(
        a.what, "",
        fmt::format("no network in {}/ has the hash {}; name it: --network FOLDER", kModels, token.network));
  }
  require_same(token, record, a.anyway);
  std::vector<std::string> words = run_words(token, record);
  words.insert(words.end(), {"--failures", a.failures});
  words.insert(words.end(), a.rest.begin(), a.rest.end());
  become_run(std::move(words));
}

}  // namespace

Command add_rerun_command(CLI::App& program) {
  auto a = std::make_shared<RerunArguments>();
  CLI::App* command = program.add_subcommand("rerun", std::string(description_of("rerun")));
  command->add_option("TOKEN", a->what, "Token of a failed run, or the folder that it left")->required();
  command->add_option("--network", a->network,
                      "Folder of the network, if it is neither in the failure's record nor in models/");
  add_input_options(*command, a->inputs, a->dataset);
  command->add_option("--failures", a->failures, "Where the failures are, and a new one goes")->capture_default_str();
  command->add_flag("--anyway", a->anyway, "Run where RTL, network or image differ from the token's");
  command->allow_extras();  // for `run`
  command->footer(
      "Every other option goes to `systole run`.\nExample: systole rerun failures/lenet.conv2-1f3a5c70 --trace fst");
  return [a, command] {
    a->rest = command->remaining();
    return rerun(*a);
  };
}

}  // namespace systole::cli
