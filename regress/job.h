// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job: one command line of a program, and what identifies it.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "regress/plan.h"

namespace systole::regress {

/// Of `systole run`: a failure leaves no folder.
inline constexpr const char* kNoFailureFolder = "--no-failure-folder";

struct Job {
  std::string key;   ///< 16 hex digits of a hash over `words` and design: the same job on whatever RTL
  std::string id;    ///< 16 hex digits: over network or set, RTL and program too: a job whose result must be the same
  std::string name;  ///< nobody else's in its plan: "models/lenet 8x8 stall both seed 3 images 0-9"
  Point at;
  std::size_t block = 0;  ///< of the plan
  double weight = 1;      ///< of that block
  std::filesystem::path program;
  std::vector<std::string> words;  ///< behind the program, without where the result goes
};

/// What of a design decides results.
struct DesignFacts {
  std::filesystem::path program;   ///< that runs networks
  std::filesystem::path replayer;  ///< that replays sets of vectors; may be the same
  std::string hashes;              ///< of RTL and programs
};

/// What jobs of a plan depend on besides its text.
struct Surroundings {
  std::map<std::string, DesignFacts> designs;  ///< by design and kind, as design_key() has it
  std::map<std::string, std::string> hashes;   ///< of networks and sets, by folder
  std::string drawn_from;                      ///< what "auto" seeds are drawn from
};

/// Where Surroundings::designs has the design of a block.
[[nodiscard]] std::string design_key(const std::string& design, const std::string& kind);

/// A SHA-256 of names and contents of all files below a folder. Throws base::InputError where it is none.
[[nodiscard]] std::string folder_sha256(const std::filesystem::path& folder);

/// The jobs of all blocks in their order; what two blocks ask for is one job. Throws base::InputError where there is
/// none, or more than a million.
[[nodiscard]] std::vector<Job> jobs_of(const Plan& plan, const Surroundings& surroundings);

/// Of several files or the like, in their order.
[[nodiscard]] std::string short_sha256(const std::string& text);

}  // namespace systole::regress
