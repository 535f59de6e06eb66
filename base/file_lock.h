// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>

namespace systole::base {

/// A file that is ours to write as long as this lives, or the process. It binds only those who ask: a second FileLock
/// on the same file, of this process or another, is refused.
class FileLock {
 public:
  /// Holds nothing where `file` is missing or not a regular file. Throws InputError where another FileLock holds it.
  explicit FileLock(const std::filesystem::path& file);
  /// Makes `file` where it is missing and waits for its holder to end; `on_wait` is called once, after two seconds of
  /// it. Throws InputError where the file cannot be made, Interrupted on Ctrl-C.
  FileLock(const std::filesystem::path& file, const std::function<void()>& on_wait);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock(FileLock&&) = delete;
  FileLock& operator=(FileLock&&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace systole::base
