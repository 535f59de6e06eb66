// SPDX-License-Identifier: Apache-2.0
#include "report/database.h"

#include <sqlite3.h>

namespace systole::report {
namespace {

constexpr int kPatience = 60'000;  // milliseconds

[[noreturn]] void fail(sqlite3* database, int code) {
  const int kind = code & 0xFF;  // without what refines it
  const bool damaged = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_ERROR;
  throw DatabaseError(database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code), damaged);
}

void require(sqlite3* database, int code) {
  if (code != SQLITE_OK) fail(database, code);
}

}  // namespace

Database::Database(const char* file) {
  const int code = sqlite3_open_v2(file, &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code != SQLITE_OK) {
    const std::string problem = sqlite3_errstr(code);
    sqlite3_close(handle_);  // is there even where nothing was opened
    throw DatabaseError(problem, false);
  }
  sqlite3_busy_timeout(handle_, kPatience);
}

Database::Database(const std::filesystem::path& file) : Database(std::filesystem::absolute(file).c_str()) {}

Database::Database() : Database(":memory:") {}

Database::~Database() { sqlite3_close(handle_); }

void Database::run(const std::string& sql) {
  require(handle_, sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

Statement::Statement(const Database& database, const std::string& sql) : database_(database.handle_) {
  require(database_, sqlite3_prepare_v2(database_, sql.c_str(), -1, &handle_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::bind(const std::vector<DatabaseValue>& values) {
  sqlite3_reset(handle_);
  int place = 0;
  for (const DatabaseValue& value : values) {
    ++place;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      require(database_, sqlite3_bind_int64(handle_, place, *integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
      require(database_, sqlite3_bind_double(handle_, place, *number));
    } else {
      const auto& text = std::get<std::string>(value);
      // SQLite spells "copy the text" as a pointer made of -1.
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast,performance-no-int-to-ptr)
      const auto copied = SQLITE_TRANSIENT;
      require(database_, sqlite3_bind_text(handle_, place, text.c_str(), static_cast<int>(text.size()), copied));
    }
  }
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(database_, code);
  return code == SQLITE_ROW;
}

void Statement::run(const std::vector<DatabaseValue>& values) {
  bind(values);
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::number(int column) const { return sqlite3_column_double(handle_, column); }

std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(handle_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

}  // namespace systole::report
