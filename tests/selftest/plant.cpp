// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/plant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace systole::test {
namespace {

struct Word {
  std::string_view text;
  std::size_t begin = 0;  ///< in the text it was cut from
  [[nodiscard]] std::size_t end() const { return begin + text.size(); }
};

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

/// End of the comment that starts at `at`, or `at` where none does.
std::size_t comment_end(std::string_view text, std::size_t at) {
  const std::string_view start = text.substr(at, 2);
  if (start != "//" && start != "/*") return at;
  const std::string_view last = start == "//" ? "\n" : "*/";
  const std::size_t end = text.find(last, at + 2);
  return end == std::string_view::npos ? text.size() : end + last.size();
}

/// Names and numbers as a whole, every other character by itself; white space and comments left out.
std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t end = comment_end(text, at); end != at) {
      at = end;
      continue;
    }
    std::size_t end = at + 1;
    while (in_name(text[at]) && end < text.size() && in_name(text[end])) ++end;
    if (std::isspace(static_cast<unsigned char>(text[at])) == 0) words.push_back({text.substr(at, end - at), at});
    at = end;
  }
  return words;
}

bool same(const Word& a, const Word& b) { return a.text == b.text; }

/// Where text is replaced.
struct Place {
  std::size_t begin, end;
  std::string replacement, name;
};

std::vector<Place> places_of(const std::vector<Word>& text, std::string_view quoted) {
  const std::vector<Word> quote = words_of(quoted);
  std::vector<Place> places;
  if (quote.empty()) return places;
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), quote.begin(), quote.end(), same);
    if (at == text.end()) return places;
    places.push_back({at->begin, (at + static_cast<std::ptrdiff_t>(quote.size()) - 1)->end(), "", ""});
  }
}

/// The first name in `mutated` that `text` has not, or "". Digits after ' are part of a number.
std::string unknown_name(const std::vector<Word>& text, std::string_view mutated) {
  const std::vector<Word> words = words_of(mutated);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool number =
        std::isdigit(static_cast<unsigned char>(words[i].text[0])) != 0 || (i > 0 && words[i - 1].text == "'");
    if (number || !in_name(words[i].text[0])) continue;
    if (std::none_of(text.begin(), text.end(), [&](const Word& word) { return same(word, words[i]); })) {
      return std::string(words[i].text);
    }
  }
  return "";
}

std::string active(std::size_t number) { return fmt::format("(accel_fault_pkg::active == 32'sd{})", number); }

std::string with_condition(const std::string& mutated, const std::string& condition) {
  std::string text;
  for (const char c : mutated) text += c == '@' ? condition : std::string(1, c);
  return text;
}

/// The faults of one module: where they go, in the original text.
class ModulePlan {
 public:
  explicit ModulePlan(std::string_view text) : words_(words_of(text)) {}

  /// Returns "" or why the fault is left out.
  std::string add(const Fault& fault, std::size_t number) {
    std::vector<Place> found = places_of(words_, fault.quoted);
    if (found.size() != 1) {
      return fmt::format("rtl/{}.v has \"{}\" {} times, expected once: quote the text as it is now", fault.module,
                         fault.quoted, found.size());
    }
    if (const std::string name = unknown_name(words_, fault.mutated); !name.empty()) {
      return fmt::format("rtl/{}.v has no {}, which \"{}\" needs: write the mutated text with the names of now",
                         fault.module, name, fault.mutated);
    }
    Place& place = found.front();
    for (const Place& other : places_) {
      if (place.begin < other.end && other.begin < place.end) {
        return fmt::format("\"{}\" overlaps the quote of {} in rtl/{}.v: quote less", fault.quoted, other.name,
                           fault.module);
      }
    }
    place.name = fault.name;
    place.replacement = with_condition(fault.mutated, active(number));
    places_.push_back(place);
    return "";
  }

  void apply(std::string& text) {
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.begin > b.begin; });
    for (const Place& place : places_) text.replace(place.begin, place.end - place.begin, place.replacement);
  }

 private:
  std::vector<Word> words_;
  std::vector<Place> places_;
};

}  // namespace

std::vector<Fault> read_faults(const std::filesystem::path& table) {
  constexpr std::size_t kFields = 8;
  std::vector<Fault> faults;
  std::set<std::string> names;
  std::ifstream file(table);
  std::size_t number = 0;
  const auto fail = [&](const std::string& what) {
    throw std::runtime_error(fmt::format("{}:{}: {}", table.string(), number, what));
  };
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
    if (fields.size() != kFields) fail(fmt::format("expected {} fields, found {}", kFields, fields.size()));
    if (!names.insert(fields[0]).second) fail(fields[0] + " is a name that an earlier line has");
    if (fields[3].find('@') == std::string::npos) fail("expected @ in the mutated text, '" + fields[3] + "'");
    faults.push_back(
        {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7], number, ""});
  }
  if (faults.empty()) fail("no faults");
  return faults;
}

void plant(Modules& modules, std::vector<Fault>& faults) {
  std::map<std::string, ModulePlan> plans;
  for (const auto& [module, text] : modules) plans.emplace(module, text);
  std::size_t number = 0;
  for (Fault& fault : faults) {
    ++number;
    const auto plan = plans.find(fault.module);
    fault.problem = plan == plans.end()
                        ? fmt::format("rtl/{}.v does not exist: name the module as it is now", fault.module)
                        : plan->second.add(fault, number);
  }
  for (auto& [module, plan] : plans) plan.apply(modules.at(module));
}

}  // namespace systole::test
