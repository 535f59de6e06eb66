// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs that are commands of a shell, and plans in a file.
#include <filesystem>
#include <string>
#include <vector>

#include "regress/campaign.h"
#include "regress/plan.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole::test {

inline regress::Plan plan_of(const std::string& text, const std::string& own_design = "8x8") {
  const TemporaryFolder folder;
  write_text(folder / "plan.json", text);
  return regress::read_plan(folder / "plan.json", own_design);
}

/// Block text with a plan around it.
inline regress::Plan plan_of_block(const std::string& block) {
  return plan_of(R"({"version": 1, "name": "p", "blocks": [)" + block + "]}");
}

/// What the file is refused with, behind its name.
inline std::string plan_refusal(const std::string& text) {
  const std::string said = refusal([&text] { (void)plan_of(text); });
  const std::size_t name = said.find("plan.json: ");
  return name == std::string::npos ? said : said.substr(name + 11);
}

/// Places of networks and designs that no job of these tests looks at.
inline regress::Surroundings surroundings_of(const regress::Plan& plan, const std::string& hash = "h") {
  regress::Surroundings around;
  around.drawn_from = "drawn";
  for (const regress::Block& block : plan.blocks) {
    for (const std::string& design : block.axes[regress::Axis::design])
      around.designs[regress::design_key(design, block.kind)] = {
          .program = "systole", .replayer = "replayer", .hashes = hash};
    for (const regress::Axis axis : {regress::Axis::network, regress::Axis::vectors}) {
      for (const std::string& folder : block.axes[axis]) around.hashes[folder] = "n";
    }
  }
  return around;
}

inline std::vector<regress::Job> jobs_of_block(const std::string& block, const std::string& hash = "h") {
  const regress::Plan plan = plan_of_block(block);
  return jobs_of(plan, surroundings_of(plan, hash));
}

/// A job that a shell runs; judged by its exit code.
inline regress::Job shell_job(const std::string& name, const std::string& script) {
  regress::Job job;
  job.name = name;
  job.key = job.id = regress::short_sha256(name);
  job.program = "/bin/sh";
  job.words = {"-c", script};
  return job;
}

}  // namespace systole::test
