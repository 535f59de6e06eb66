// SPDX-License-Identifier: Apache-2.0
// `systole regress` of which now a worker is killed and now the whole. SYSTOLE_KILLS says how often (docs/regress.md).
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

int kills() {
  const char* text = std::getenv("SYSTOLE_KILLS");
  return text == nullptr ? 10 : std::atoi(text);
}

/// Processes with that text among their arguments.
std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ostringstream words;
    words << std::ifstream(entry.path() / "cmdline", std::ios::binary).rdbuf();  // fails where it has ended meanwhile
    if (words.str().find(text) != std::string::npos && std::stoi(name) != ::getpid()) found.push_back(std::stoi(name));
  }
  return found;
}

std::size_t results_in(const fs::path& jobs) {
  std::size_t count = 0;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(jobs, code))
    count += fs::exists(entry.path() / "result.json") ? 1 : 0;
  return count;
}

pid_t start(const Arguments& arguments) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child != 0) return child;
  std::vector<char*> words{const_cast<char*>(SYSTOLE_PROGRAM)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  (void)std::freopen("/dev/null", "w", stdout);
  ::execv(words[0], words.data());
  ::_exit(127);
}

TEST_CASE("selftest.regress.kills_at_random_lose_nothing_and_count_nothing_twice") {
  constexpr int kJobs = 300;
  const TemporaryFolder folder;
  const std::string report = folder / "report";
  write_text(folder / "plan.json",
             fmt::format(R"({{"version": 1, "name": "chaos", "blocks": [{{"networks": ["models/lenet"],
                             "layers": ["fc3"], "seeds": ["1-{}"], "images": [0]}}]}})",
                         kJobs));
  const Arguments first{"regress", folder / "plan.json", "-o", report, "-j", "2"};
  Arguments resumed = first;
  resumed.emplace_back("--resume");
  std::mt19937 random(1);
  std::size_t done = 0;
  int runners = 0, workers = 0;
  for (int i = 0; i < kills(); ++i) {
    // Once all is done, it begins anew; and where the first was killed before there was a run.
    const bool begin = done == kJobs || !fs::exists(fs::path(report) / "latest");
    const pid_t runner = start(begin ? first : resumed);
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 900));
    const fs::path jobs = fs::weakly_canonical(fs::path(report) / "latest") / "jobs";
    if (random() % 2 == 0) {
      const std::vector<pid_t> running = processes_with((fs::path(report) / "runs").string());
      if (!running.empty()) ::kill(running[random() % running.size()], SIGKILL);
      ++workers;
      std::this_thread::sleep_for(200ms);
    }
    ::kill(runner, SIGKILL);
    int status = 0;
    (void)::waitpid(runner, &status, 0);
    ++runners;
    for (int tenths = 0; tenths < 20 && !processes_with(report).empty(); ++tenths) std::this_thread::sleep_for(100ms);
    CHECK(processes_with(report).empty());
    const std::size_t now = results_in(jobs);
    CHECK((begin || now >= done));  // nothing that was kept is gone
    done = now;
  }
  const Finished last = run(fs::exists(fs::path(report) / "latest") ? resumed : first);
  CAPTURE(last.out);
  CHECK(last.code == 0);
  CHECK(last.out.find(fmt::format("planned {0} = {0} passed + 0 failed + 0 lost", kJobs)) != std::string::npos);
  const json summary = json::parse(read_text(fs::path(report) / "latest/summary.json"));
  std::set<std::string> ids;
  for (const json& job : summary["jobs"]) {
    CHECK(job["verdict"] == "passed");
    ids.insert(job["id"].get<std::string>());
  }
  CHECK(ids.size() == kJobs);
  MESSAGE(fmt::format("{} runners and {} workers killed", runners, workers));
}

}  // namespace
}  // namespace systole::test
