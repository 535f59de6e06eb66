// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder of vectors: files of words, manifest.json that says what they are, README.txt that a stranger can implement
// from (docs/vectors.md). Every format is written and read through these.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_object.h"
#include "base/npy.h"

namespace systole::vectors {

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kReadmeFile = "README.txt";

/// Where the numbers come from.
struct Origin {
  std::string network = {},
              network_sha256 = {};  ///< name; one SHA-256 over "name digest\n" of network.json and weights.bin
  std::string layer = {};
  std::string input = {};          ///< what the network was given, for instance "glyphs image 0"
  std::string configuration = {};  ///< of the array, "8x8"; empty where the format does not depend on it
  std::string rtl_sha256 = {};     ///< of the RTL sources that belong to this program
  std::uint64_t seed = 1;          ///< of the random choices that a set contains
  bool operator==(const Origin&) const = default;
};

/// A file as the manifest lists it.
struct SetFile {
  std::string name;
  std::uint64_t words = 0;  ///< lines without headers; elements of an .npy file
  std::string layout;       ///< what a word is, its bit order
  std::string sha256;
};

/// Files written so far of how many; called after each. What it throws ends the writing.
using SetProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Writes the files of one set into a folder and remembers what the manifest must say of them.
class SetWriter {
 public:
  SetWriter(std::filesystem::path folder, SetProgress progress);

  /// Announces how many files there will be, manifest and README left out.
  void expect_files(std::uint64_t total) { total_ = total; }
  void add(const std::string& name, std::uint64_t words, const std::string& layout, const std::string& text);
  void add(const std::string& name, const std::string& layout, const base::NpyArray& array);
  /// The files so far as lines "name  words  layout" for a README.
  [[nodiscard]] std::string table() const;
  /// Writes README.txt and the manifest. `shape` is the format's own part of the manifest, a JSON object.
  void finish(std::string_view format, const Origin& origin, const std::string& shape, const std::string& readme);

 private:
  void record(const std::string& name, std::uint64_t words, const std::string& layout);

  std::filesystem::path folder_;
  SetProgress progress_;
  std::uint64_t total_ = 0;
  std::vector<SetFile> files_;
};

/// Writes a whole set in one step: `fill` writes into a new folder beside `target`, which then takes its name. Throws
/// base::InputError where `target` exists and holds anything but a set, or cannot be written; then, and when anything
/// else throws, `target` is as it was.
void write_set(const std::filesystem::path& target, const std::function<void(SetWriter&)>& fill,
               SetProgress progress = {});

/// manifest.json, read strictly.
struct Manifest {
  std::string format;
  Origin origin;
  base::JsonObject shape;  ///< the format's own part; its reader calls finish()
  std::vector<SetFile> files;

  /// Words of the file `name`; throws base::InputError where the manifest does not list it.
  [[nodiscard]] std::uint64_t words(const std::filesystem::path& folder, const std::string& name) const;
};

/// The format that the folder's manifest names; empty where there is no manifest. Throws base::InputError where it is
/// not a set's manifest.
[[nodiscard]] std::string manifest_format(const std::filesystem::path& folder);

/// Throws base::InputError where the folder has no manifest or it is not one of `format`.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& folder, std::string_view format);

/// One line "file: expected SHA-256 ..., found ..." for each file that is not as the manifest says. Throws
/// base::InputError for one that cannot be read.
[[nodiscard]] std::vector<std::string> changed_files(const std::filesystem::path& folder, const Manifest& manifest,
                                                     const SetProgress& progress = {});

/// Throws base::InputError for the first file whose SHA-256 is not the manifest's.
void verify_files(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace systole::vectors
