// SPDX-License-Identifier: Apache-2.0
#pragma once
// Strict reading of a JSON document: every key is asked for with its type and range, and a key that nobody asked for is
// an error. The JSON library stays in the .cpp file.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"

namespace systole::base {

/// A JSON object and the place it was read from. Every reader throws InputError naming file, place and what was
/// expected.
class JsonObject {
 public:
  /// Reads a file whose top level is an object. Refuses files above `max_bytes` and objects that hold one key twice.
  static JsonObject read(const std::filesystem::path& file, std::uintmax_t max_bytes);
  /// The same of text that `name` calls.
  static JsonObject parse(const std::string& text, const std::string& name);

  [[nodiscard]] bool has(const std::string& key) const;
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high);
  double number(const std::string& key, double low, double high);
  bool boolean(const std::string& key);
  /// A string of `min_length` .. `max_length` bytes without control characters.
  std::string text(const std::string& key, std::size_t min_length, std::size_t max_length);
  std::vector<std::string> texts(const std::string& key, std::size_t min_count, std::size_t max_count);
  /// The same, an integer among them as its digits: [1, "5-9"].
  std::vector<std::string> words(const std::string& key, std::size_t min_count, std::size_t max_count);
  std::vector<std::int64_t> integers(const std::string& key, std::size_t min_count, std::size_t max_count,
                                     std::int64_t low, std::int64_t high);
  std::vector<double> numbers(const std::string& key, std::size_t min_count, std::size_t max_count, double low,
                              double high);
  /// Rows of a table: arrays of `columns` cells. A cell is null, printable text, an integer, another number, or
  /// {"figure": text}.
  std::vector<std::vector<Cell>> rows(const std::string& key, std::size_t columns, std::size_t max_count);
  JsonObject object(const std::string& key);
  std::vector<JsonObject> objects(const std::string& key, std::size_t min_count, std::size_t max_count);

  /// Adds a name to the place, so that errors below an array element say which element it is.
  void set_label(std::string_view label);
  /// Throws for the first key that was never read.
  void finish() const;
  /// Throws InputError at `key` of this object; an empty key means the object itself.
  [[noreturn]] void fail(const std::string& key, std::string_view problem) const;

 private:
  struct State;
  explicit JsonObject(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace systole::base
