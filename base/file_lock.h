// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/input_error.h"

namespace systole::base {

/// The holder of a lock has not ended in time.
class LockHeld : public InputError {
 public:
  using InputError::InputError;
};

/// A file that is ours to write as long as this lives, or the process. It binds only those who ask: a second FileLock
/// on the same file, of this process or another, is refused.
class FileLock {
 public:
  /// Holds nothing where `file` is missing or not a regular file. Throws InputError where another FileLock holds it.
  explicit FileLock(const std::filesystem::path& file);
  /// Makes `file` where it is missing and waits for its holder to end, for `limit` at most if there is one; `on_wait`
  /// is called once, after two seconds of it, with who that is. Throws InputError where the file cannot be made,
  /// LockHeld where the limit is over, Interrupted on Ctrl-C.
  FileLock(const std::filesystem::path& file, const std::function<void(const std::string& holder)>& on_wait,
           std::optional<std::chrono::milliseconds> limit = std::nullopt);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock(FileLock&&) = delete;
  FileLock& operator=(FileLock&&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace systole::base
