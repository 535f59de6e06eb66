// SPDX-License-Identifier: Apache-2.0
#pragma once
// As much of SQLite as an index needs. Its header stays in the .cpp file.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace systole::report {

class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(const std::string& problem, bool damaged) : std::runtime_error(problem), damaged_(damaged) {}
  /// Whether the file is no database, or one that SQLite cannot read: not for want of room or rights.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  bool damaged_;
};

using DatabaseValue = std::variant<std::int64_t, double, std::string>;

/// A file that may have several readers and writers; each waits up to a minute for the others. All throws
/// DatabaseError.
class Database {
 public:
  /// Made where it is missing; without a file, in memory.
  explicit Database(const std::filesystem::path& file);
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;

  /// Statements without values or rows, one behind the other.
  void run(const std::string& sql);

 private:
  friend class Statement;
  explicit Database(const char* file);
  sqlite3* handle_ = nullptr;
};

/// One statement, run as often as there are values for it.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&&) = delete;
  Statement& operator=(Statement&&) = delete;

  /// From the start, with these values for its question marks.
  void bind(const std::vector<DatabaseValue>& values);
  /// The next row; false: there is none.
  bool step();
  /// bind() and all steps.
  void run(const std::vector<DatabaseValue>& values);

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::size_t count(int column) const { return static_cast<std::size_t>(integer(column)); }
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace systole::report
