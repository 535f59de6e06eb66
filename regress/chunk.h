// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one array task of Slurm runs: some tasks in a file, one after the other on the local runner. A task has ended
// when its folder is in its place: it is made beside, and renamed with its ending in it. So it has one ending, whoever
// runs it once more.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regress/runner.h"

namespace systole::regress {

struct ChunkSize {
  double seconds = 60;          ///< at least, where there are enough tasks
  int workers = 1;              ///< tasks at a time
  std::size_t most_chunks = 1;  ///< then they become larger
};
/// Seconds of a task that nobody knows the time of.
inline constexpr double kUnknownSeconds = 6;

/// The tasks in their order in pieces.
[[nodiscard]] std::vector<std::vector<Task>> chunks_of(std::vector<Task> tasks, const ChunkSize& size);

/// How long an array task with them may take: three times what is expected and one that needs all its time, or all of
/// them all their time where that is less, and a minute.
[[nodiscard]] long minutes_of(std::span<const Task> chunk, const Limits& limits, int workers);

/// Of the folder of an array: chunk files by place, what each of them said, and what says that nobody waits for them.
[[nodiscard]] std::string chunk_file(std::size_t place);
[[nodiscard]] std::string chunk_log(std::size_t place);
inline constexpr const char* kClosed = "closed";
/// Beside the folders of arrays: no task starts any more.
inline constexpr const char* kStop = "stop";
/// Of the folder of an attempt: it was told to end, and what ran has no ending for that.
inline constexpr const char* kGivenBack = "given-back";
/// Of a task's folder.
inline constexpr const char* kEnding = "ending.json";

struct Chunk {
  std::filesystem::path where;  ///< folder that the paths of the tasks begin at
  std::vector<Task> tasks;
  Limits limits;
  int workers = 1;
};
/// Throws base::InputError.
void write_chunk(const std::filesystem::path& file, const Chunk& chunk);
[[nodiscard]] Chunk read_chunk(const std::filesystem::path& file);

/// Runs the tasks of a chunk that have not ended. Exit code: 0 all that may start have ended, else 128 + the number of
/// the signal that ended it. Throws base::InputError where the file is not what write_chunk() wrote, or an ending
/// cannot be kept.
int run_chunk(const std::filesystem::path& array, std::size_t place);

/// The ending in the folder of a task; nothing where it has not ended.
[[nodiscard]] std::optional<Ending> read_ending(const std::filesystem::path& folder);

/// Where the last attempt of a chunk keeps the tasks that run, by their place in it; empty where none began.
[[nodiscard]] std::filesystem::path last_attempt(const std::filesystem::path& array, std::size_t place);

}  // namespace systole::regress
