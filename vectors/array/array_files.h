// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files of an array set, found by their names: ours (docs/vectors.md, `array`) and those of other teams.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vectors/set/word_file.h"

namespace systole::vectors {

inline constexpr std::size_t kMaxSetFiles = std::size_t{1} << 20;
inline constexpr std::uintmax_t kMaxSetBytes = std::uintmax_t{1} << 30;

/// A run of words of a file; without a file the set does not have them.
struct WordSlice {
  std::shared_ptr<const WordFile> file;
  std::size_t first = 0, count = 0;

  explicit operator bool() const { return file != nullptr; }
  [[nodiscard]] std::string_view word(std::size_t i) const { return file->word(first + i); }
  /// "name line N" of word i.
  [[nodiscard]] std::string place(std::size_t i) const;
};

/// What stands where. Files of one kind agree in width and number of words; psums have as many words as activations.
struct ArrayFiles {
  std::filesystem::path folder;
  int ic_tiles = 1, oc_tiles = 1, taps = 9;
  /// A line of activations and of weights is a time step (ArrayLayout::output_stationary): one ic tile and kij, and the
  /// place of an ic tile in `activation` is that of a tile of pixels, so too in `output` where there is one for each.
  bool output_stationary = false;
  bool maybe_stationary = false;            ///< the numbers of lines fit such a set too
  std::vector<WordSlice> activation;        ///< [ic tile], or none at all
  std::vector<WordSlice> weight;            ///< [(ic tile * oc_tiles + oc tile) * taps + kij], or none at all
  std::vector<WordSlice> psum;              ///< in the same order; single ones may be missing
  std::vector<WordSlice> output;            ///< [oc tile]; single ones may be missing
  std::vector<std::string> unread;          ///< names of files that are no part of such a set
  std::vector<std::string> other_schedule;  ///< those of an output-stationary set beside this one
  int files = 0;                            ///< read
  bool own_names = true;                    ///< every file is named as docs/vectors.md says
  bool psum_in_one = false;                 ///< the psums of all kij stand in one file, kij 0 first
  bool psum_in_lines = false;               ///< and those of a kij in one line, pixel 0 leftmost
  bool kij_from_1 = false;                  ///< names count kij from 1
  std::vector<std::string> doubled;         ///< files whose words were compared with other files' and are the same
  std::vector<std::string> contradictions;  ///< files for one place that differ, with the first line that does
  bool headers = false, no_headers = false, blank_lines = false, crlf = false;  ///< seen in some file
};

/// Called after each file: files read and files there are.
using ReadProgress = std::function<void(std::size_t done, std::size_t total)>;

struct ReadOptions {
  int taps = 0;                    ///< kij of a set with a manifest; 0: to be found out
  bool all_in_one_counts = false;  ///< of two files for a place the one for more places; otherwise the one for fewer
  bool output_stationary = false;  ///< the output-stationary set where there are two
};

/// True where `name` is one that an array set may use for its files.
[[nodiscard]] bool is_array_file(std::string_view name);

/// Reads a folder, and those in it that are named as a kind of file. Names, in any case: activation, act, input or in;
/// weight or wgt; psum; output or out (in a folder that is named so they may be left out); then numbers with or without
/// `_` and with or without a name: itile or ictile, otile or octile, tile, kij, k; a bare number is kij of weights and
/// psums, the tile of others; a number left out stands for all that there are. `_os` names an output-stationary set.
/// `_bin`, `_ws`, `_8ic`, behind an output `_relu` and `_pool`, and a bare number beside one that names the place or
/// that is 16 or 32 in all names of a kind (`out_16.txt`) mean nothing. kij that no file counts from 0 count from
/// 1. Files for one place are compared. Throws base::InputError naming file and line: what WordFile refuses, a
/// place without a file, files of a kind that differ in width or number of words.
[[nodiscard]] ArrayFiles read_array_files(const std::filesystem::path& folder, const ReadOptions& options = {},
                                          const ReadProgress& progress = {});

}  // namespace systole::vectors
