// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/vector_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/replace_folder.h"
#include "base/sha256.h"

namespace systole::vectors {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormatName = "systole-vectors";
constexpr int kVersion = 1;
constexpr std::uintmax_t kMaxManifestBytes = std::uintmax_t{64} << 20;
constexpr std::size_t kMaxFiles = 1 << 20;
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kSha256Digits = 64;

Json to_json(const Origin& origin) {
  return {{"network", origin.network}, {"network_sha256", origin.network_sha256}, {"layer", origin.layer},
          {"input", origin.input},     {"configuration", origin.configuration},   {"rtl_sha256", origin.rtl_sha256},
          {"seed", origin.seed}};
}

Origin read_origin(base::JsonObject object) {
  Origin origin;
  origin.network = object.text("network", 0, kMaxText);
  origin.network_sha256 = object.text("network_sha256", 0, kSha256Digits);
  origin.layer = object.text("layer", 0, kMaxText);
  origin.input = object.text("input", 0, kMaxText);
  origin.configuration = object.text("configuration", 0, kMaxText);
  origin.rtl_sha256 = object.text("rtl_sha256", 0, kSha256Digits);
  origin.seed = static_cast<std::uint64_t>(object.integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
  object.finish();
  return origin;
}

/// Names of a set are plain: nothing outside its folder is ever opened.
std::string read_name(base::JsonObject& object) {
  std::string name = object.text("name", 1, 256);
  if (name.find('/') != std::string::npos || name.starts_with('.')) {
    object.fail("name", fmt::format("expected the name of a file in this folder, found '{}'", name));
  }
  return name;
}

std::vector<SetFile> read_files(base::JsonObject& root) {
  std::vector<SetFile> files;
  for (base::JsonObject& object : root.objects("files", 0, kMaxFiles)) {
    SetFile file;
    file.name = read_name(object);
    file.words = static_cast<std::uint64_t>(object.integer("words", 0, std::numeric_limits<std::uint32_t>::max()));
    file.layout = object.text("layout", 0, kMaxText);
    file.sha256 = object.text("sha256", kSha256Digits, kSha256Digits);
    object.finish();
    files.push_back(std::move(file));
  }
  return files;
}

base::JsonObject read_root(const fs::path& folder) {
  base::JsonObject root = base::JsonObject::read(folder / kManifestFile, kMaxManifestBytes);
  const std::string kind = root.text("format", 0, 64);
  if (kind != kFormatName) root.fail("format", fmt::format("expected '{}', found '{}'", kFormatName, kind));
  const std::int64_t version = root.integer("version", 0, 1'000'000);
  if (version != kVersion) root.fail("version", fmt::format("expected {}, found {}", kVersion, version));
  return root;
}

/// A folder may be replaced that holds the files of a set and nothing else but what its README's commands make.
void refuse_foreign_files(const fs::path& folder) {
  if (!fs::exists(folder / kManifestFile)) {
    if (fs::is_empty(folder)) return;
    throw base::InputError(folder.string(), "", "expected a vector set to replace, found no manifest.json in it");
  }
  base::JsonObject root = read_root(folder);
  std::set<std::string, std::less<>> own{std::string(kManifestFile), std::string(kReadmeFile), "bench.vvp", "obj_dir"};
  for (const SetFile& file : read_files(root)) own.insert(file.name);
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!own.contains(name)) {
      throw base::InputError(folder.string(), name, "expected a vector set to replace, found a foreign file");
    }
  }
}

/// A file that was read, but is not the one the manifest describes.
class ChangedFile : public base::InputError {
  using base::InputError::InputError;
};

/// Lines that are no headers.
std::uint64_t count_words(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::uint64_t words = 0;
  for (std::string line; std::getline(stream, line);) words += line.starts_with('#') ? 0 : 1;
  return words;
}

/// The words of an .npy file are its reader's to count.
void verify_file(const fs::path& folder, const SetFile& file) {
  const fs::path path = folder / file.name;
  const auto expect = [&path](const auto& found, std::string_view what, const auto& expected) {
    if (found == expected) return;
    throw ChangedFile(path.string(), "",
                      fmt::format("expected {} {} by {}, found {}", what, expected, kManifestFile, found));
  };
  if (!fs::exists(path))
    throw base::InputError(path.string(), "", fmt::format("listed by {}, not there", kManifestFile));
  expect(base::sha256_of_file(path), "SHA-256", file.sha256);
  if (path.extension() != ".npy") expect(count_words(path), "words:", file.words);
}

}  // namespace

SetWriter::SetWriter(fs::path folder, SetProgress progress)
    : folder_(std::move(folder)), progress_(std::move(progress)) {}

void SetWriter::add(const std::string& name, std::uint64_t words, const std::string& layout, const std::string& text) {
  base::write_file(folder_ / name, text);
  record(name, words, layout);
}

void SetWriter::add(const std::string& name, const std::string& layout, const base::NpyArray& array) {
  base::write_npy(folder_ / name, array);
  record(name, base::element_count(array.shape), layout);
}

void SetWriter::record(const std::string& name, std::uint64_t words, const std::string& layout) {
  files_.push_back({name, words, layout, base::sha256_of_file(folder_ / name)});
  if (progress_) progress_(files_.size(), std::max<std::uint64_t>(total_, files_.size()));
}

std::string SetWriter::table() const {
  std::size_t width = 0;
  for (const SetFile& file : files_) width = std::max(width, file.name.size());
  std::string text;
  for (const SetFile& file : files_) {
    text += fmt::format("  {:<{}}  {:>8} words  {}\n", file.name, width, file.words, file.layout);
  }
  return text;
}

void SetWriter::finish(std::string_view format, const Origin& origin, const std::string& shape,
                       const std::string& readme) {
  base::write_file(folder_ / kReadmeFile, readme);
  Json files = Json::array();
  for (const SetFile& file : files_) {
    files.push_back({{"name", file.name}, {"words", file.words}, {"layout", file.layout}, {"sha256", file.sha256}});
  }
  const Json manifest{{"format", kFormatName},     {"version", kVersion},         {"set", format},
                      {"origin", to_json(origin)}, {"shape", Json::parse(shape)}, {"files", files}};
  base::write_file(folder_ / kManifestFile, manifest.dump(2) + "\n");
}

void write_set(const fs::path& target, const std::function<void(SetWriter&)>& fill, SetProgress progress) {
  base::replace_folder(target, refuse_foreign_files, [&](const fs::path& fresh) {
    SetWriter writer(fresh, std::move(progress));
    fill(writer);
  });
}

std::uint64_t Manifest::words(const fs::path& folder, const std::string& name) const {
  const auto it = std::ranges::find(files, name, &SetFile::name);
  if (it == files.end()) {
    throw base::InputError((folder / kManifestFile).string(), "files", fmt::format("expected the file {}", name));
  }
  return it->words;
}

std::string manifest_format(const fs::path& folder) {
  if (!fs::exists(folder / kManifestFile)) return {};
  base::JsonObject root = read_root(folder);
  return root.text("set", 1, 64);
}

Manifest read_manifest(const fs::path& folder, std::string_view format) {
  base::JsonObject root = read_root(folder);
  const std::string found = root.text("set", 1, 64);
  if (found != format) root.fail("set", fmt::format("expected '{}', found '{}'", format, found));
  Manifest manifest{found, read_origin(root.object("origin")), root.object("shape"), read_files(root)};
  root.finish();
  return manifest;
}

std::vector<std::string> changed_files(const fs::path& folder, const Manifest& manifest, const SetProgress& progress) {
  std::vector<std::string> changed;
  std::uint64_t done = 0;
  for (const SetFile& file : manifest.files) {
    try {
      verify_file(folder, file);
    } catch (const ChangedFile& error) {
      changed.emplace_back(error.what());
    }
    if (progress) progress(++done, manifest.files.size());
  }
  return changed;
}

void verify_files(const fs::path& folder, const Manifest& manifest) {
  for (const SetFile& file : manifest.files) verify_file(folder, file);
}

}  // namespace systole::vectors
