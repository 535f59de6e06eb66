// SPDX-License-Identifier: Apache-2.0
#include "base/replace_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>
#include <system_error>
#include <utility>

#include "base/input_error.h"

namespace systole::base {

namespace fs = std::filesystem;

namespace {

fs::path without_trailing_slash(const fs::path& folder) {
  return folder.has_filename() || !folder.has_parent_path() ? folder : folder.parent_path();
}

/// A sibling of `folder`, unique to this process.
fs::path sibling(const fs::path& folder, std::string_view role) {
  return folder.parent_path() / fmt::format(".{}.{}-{}", folder.filename().string(), role, ::getpid());
}

/// Removes the folder when it goes out of scope, unless it was renamed away.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) { fs::create_directories(path_); }
  ~Temporary() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void take_place(const fs::path& fresh, const fs::path& folder) {
  if (!fs::exists(folder)) {
    fs::rename(fresh, folder);
    return;
  }
  const fs::path old = sibling(folder, "old");
  fs::rename(folder, old);
  std::error_code error;
  fs::rename(fresh, folder, error);
  if (error) {
    fs::rename(old, folder);
    throw fs::filesystem_error("rename", fresh, folder, error);
  }
  fs::remove_all(old);
}

}  // namespace

void replace_folder(const fs::path& target, const FolderAction& refuse_foreign, const FolderAction& fill) {
  const fs::path folder = without_trailing_slash(target);
  try {
    if (fs::exists(folder)) {
      if (!fs::is_directory(folder)) throw InputError(folder.string(), "", "expected a folder or nothing at this path");
      refuse_foreign(folder);
    }
    const Temporary fresh(sibling(folder, "partial"));
    fill(fresh.path());
    take_place(fresh.path(), folder);
  } catch (const fs::filesystem_error& problem) {
    throw InputError(folder.string(), "", fmt::format("cannot be written: {}", problem.code().message()));
  }
}

void require_other_folder(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view option) {
  std::error_code missing;
  if (!std::filesystem::equivalent(from, to, missing)) return;
  throw InputError(std::string(option), "", "expected another folder than " + from.string() + ", which is read");
}

}  // namespace systole::base
