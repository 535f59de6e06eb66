// SPDX-License-Identifier: Apache-2.0
#include "base/json_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/quote.h"

namespace systole::base {

namespace {

using Json = nlohmann::json;
using Event = Json::parse_event_t;

/// Parser callback state: the keys seen in every object that is still open.
class DuplicateKeys {
 public:
  explicit DuplicateKeys(std::string file) : file_(std::move(file)) {}

  bool operator()(Event event, const Json& parsed) {
    if (event == Event::object_start) open_.emplace_back();
    if (event == Event::object_end) open_.pop_back();
    if (event == Event::key && !open_.back().insert(parsed.get<std::string>()).second) {
      throw InputError(file_, parsed.get<std::string>(), "expected each key once in an object, found it twice");
    }
    return true;
  }

 private:
  std::string file_;
  std::vector<std::set<std::string>> open_;
};

/// The value as it stands in the file, cut to a length that fits a message.
std::string shown(const Json& value) {
  constexpr std::size_t limit = 40;
  if (value.is_structured() && value.size() > limit) return fmt::format("{} elements", value.size());
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

bool within(const Json& value, std::int64_t low, std::int64_t high) {
  if (value.is_number_unsigned()) {
    const auto u = value.get<std::uint64_t>();
    return high >= 0 && u <= static_cast<std::uint64_t>(high) && (low <= 0 || u >= static_cast<std::uint64_t>(low));
  }
  if (!value.is_number_integer()) return false;
  const auto v = value.get<std::int64_t>();
  return v >= low && v <= high;
}

bool has_control_character(const std::string& text) { return terminal_text(text) != text; }

bool is_printable(const Json& value) {
  return value.is_string() && !has_control_character(value.get_ref<const std::string&>());
}

/// Nothing where it is no cell of a table.
std::optional<Cell> read_cell(const Json& value) {
  if (value.is_null()) return Cell{};
  if (is_printable(value)) return value.get<std::string>();
  if (value.is_number_float()) return value.get<double>();
  if (value.is_number() && within(value, INT64_MIN, INT64_MAX)) return value.get<std::int64_t>();
  if (value.is_object() && value.size() == 1 && value.contains("figure") && is_printable(value.at("figure")))
    return Figure{value.at("figure").get<std::string>()};
  return std::nullopt;
}

std::string count_range(std::size_t low, std::size_t high) {
  return low == high ? fmt::format("{}", low) : fmt::format("{} .. {}", low, high);
}

}  // namespace

struct JsonObject::State {
  std::shared_ptr<const Json> document;  // keeps `value` alive
  const Json* value = nullptr;
  std::string file, place;
  std::set<std::string> used;

  [[nodiscard]] std::string at(const std::string& key) const {
    if (place.empty() || key.empty()) return place + key;
    return place + "." + key;
  }
  [[noreturn]] void expected(const std::string& key, std::string_view what, const Json& found) const {
    throw InputError(file, at(key), fmt::format("expected {}, found {}", what, shown(found)));
  }
  const Json& take(const std::string& key) {
    const auto it = value->find(key);
    if (it == value->end()) throw InputError(file, at(key), "missing key");
    used.insert(key);
    return *it;
  }
  const Json& take_array(const std::string& key, std::size_t low, std::size_t high, std::string_view what) {
    const Json& array = take(key);
    if (!array.is_array() || array.size() < low || array.size() > high) {
      expected(key, fmt::format("an array of {} {}", count_range(low, high), what), array);
    }
    return array;
  }
  [[nodiscard]] std::string short_text(const std::string& key, const Json& found) const {
    constexpr std::size_t kMaxLength = 256;
    if (is_printable(found) && found.get_ref<const std::string&>().size() <= kMaxLength) return found;
    expected(key, fmt::format("printable text of at most {} bytes", kMaxLength), found);
  }
  [[nodiscard]] double number(const std::string& key, const Json& found, double low, double high) const {
    if (!found.is_number() || !(found.get<double>() >= low && found.get<double>() <= high)) {
      expected(key, fmt::format("a number in {} .. {}", low, high), found);
    }
    return found.get<double>();
  }
  [[nodiscard]] std::shared_ptr<State> child(const Json& object, std::string where) const {
    if (!object.is_object()) throw InputError(file, where, fmt::format("expected an object, found {}", shown(object)));
    return std::make_shared<State>(State{document, &object, file, std::move(where), {}});
  }
};

JsonObject::JsonObject(std::shared_ptr<State> state) : state_(std::move(state)) {}

JsonObject JsonObject::read(const std::filesystem::path& file, std::uintmax_t max_bytes) {
  const std::string name = file.string();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) throw InputError(name, "", fmt::format("cannot be read: {}", error.message()));
  if (bytes > max_bytes) {
    throw InputError(name, "", fmt::format("expected at most {} bytes, found {}", max_bytes, bytes));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(name, "", "cannot be opened for reading");
  return parse({std::istreambuf_iterator<char>(stream), {}}, name);
}

JsonObject JsonObject::parse(const std::string& text, const std::string& name) {
  try {
    DuplicateKeys duplicates(name);
    const auto callback = [&duplicates](int, Event event, Json& parsed) { return duplicates(event, parsed); };
    auto document = std::make_shared<const Json>(Json::parse(text, callback));
    if (!document->is_object()) throw InputError(name, "", "expected a JSON object at the top level");
    return JsonObject(std::make_shared<State>(State{document, document.get(), name, {}, {}}));
  } catch (const Json::exception& problem) {
    throw InputError(name, "", fmt::format("expected JSON text: {}", problem.what()));
  }
}

bool JsonObject::has(const std::string& key) const { return state_->value->contains(key); }

std::int64_t JsonObject::integer(const std::string& key, std::int64_t low, std::int64_t high) {
  const Json& value = state_->take(key);
  if (!within(value, low, high)) state_->expected(key, fmt::format("an integer in {} .. {}", low, high), value);
  return value.get<std::int64_t>();
}

double JsonObject::number(const std::string& key, double low, double high) {
  return state_->number(key, state_->take(key), low, high);
}

std::vector<double> JsonObject::numbers(const std::string& key, std::size_t min_count, std::size_t max_count,
                                        double low, double high) {
  std::vector<double> values;
  for (const Json& value : state_->take_array(key, min_count, max_count, "numbers")) {
    values.push_back(state_->number(fmt::format("{}[{}]", key, values.size()), value, low, high));
  }
  return values;
}

bool JsonObject::boolean(const std::string& key) {
  const Json& value = state_->take(key);
  if (!value.is_boolean()) state_->expected(key, "true or false", value);
  return value.get<bool>();
}

std::string JsonObject::text(const std::string& key, std::size_t min_length, std::size_t max_length) {
  const Json& value = state_->take(key);
  const auto expect = [&](bool good) {
    if (!good)
      state_->expected(key, fmt::format("printable text of {} bytes", count_range(min_length, max_length)), value);
  };
  expect(value.is_string());
  auto text = value.get<std::string>();
  expect(text.size() >= min_length && text.size() <= max_length && !has_control_character(text));
  return text;
}

std::vector<std::string> JsonObject::texts(const std::string& key, std::size_t min_count, std::size_t max_count) {
  std::vector<std::string> texts;
  for (const Json& value : state_->take_array(key, min_count, max_count, "texts")) {
    texts.push_back(state_->short_text(fmt::format("{}[{}]", key, texts.size()), value));
  }
  return texts;
}

std::vector<std::string> JsonObject::words(const std::string& key, std::size_t min_count, std::size_t max_count) {
  std::vector<std::string> words;
  for (const Json& value : state_->take_array(key, min_count, max_count, "texts or integers")) {
    words.push_back(value.is_number_integer() ? value.dump()
                                              : state_->short_text(fmt::format("{}[{}]", key, words.size()), value));
  }
  return words;
}

std::vector<std::int64_t> JsonObject::integers(const std::string& key, std::size_t min_count, std::size_t max_count,
                                               std::int64_t low, std::int64_t high) {
  std::vector<std::int64_t> values;
  for (const Json& value : state_->take_array(key, min_count, max_count, "integers")) {
    if (!within(value, low, high)) {
      state_->expected(fmt::format("{}[{}]", key, values.size()), fmt::format("an integer in {} .. {}", low, high),
                       value);
    }
    values.push_back(value.get<std::int64_t>());
  }
  return values;
}

std::vector<std::vector<Cell>> JsonObject::rows(const std::string& key, std::size_t columns, std::size_t max_count) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& row : state_->take_array(key, 0, max_count, "rows")) {
    const std::string place = fmt::format("{}[{}]", key, rows.size());
    if (!row.is_array() || row.size() != columns) state_->expected(place, fmt::format("{} cells", columns), row);
    rows.emplace_back();
    for (const Json& value : row) {
      const std::optional<Cell> cell = read_cell(value);
      if (!cell) state_->expected(place, "null, printable text, a 64-bit number or a figure in each cell", value);
      rows.back().push_back(*cell);
    }
  }
  return rows;
}

JsonObject JsonObject::object(const std::string& key) {
  const Json& value = state_->take(key);
  return JsonObject(state_->child(value, state_->at(key)));
}

std::vector<JsonObject> JsonObject::objects(const std::string& key, std::size_t min_count, std::size_t max_count) {
  std::vector<JsonObject> objects;
  for (const Json& value : state_->take_array(key, min_count, max_count, "objects")) {
    objects.push_back(JsonObject(state_->child(value, fmt::format("{}[{}]", state_->at(key), objects.size()))));
  }
  return objects;
}

void JsonObject::set_label(std::string_view label) { state_->place += fmt::format(" '{}'", label); }

void JsonObject::finish() const {
  for (const auto& [key, value] : state_->value->items()) {
    if (!state_->used.contains(key)) throw InputError(state_->file, state_->at(key), "unknown key");
  }
}

void JsonObject::fail(const std::string& key, std::string_view problem) const {
  throw InputError(state_->file, state_->at(key), problem);
}

}  // namespace systole::base
