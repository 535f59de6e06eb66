// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/date.h"

#include <chrono>

namespace systole::signoff {
namespace {

/// The characters fit, '0' standing for any digit.
bool fits(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
  }
  return true;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

}  // namespace

bool is_date(std::string_view text) {
  if (!fits(text, "0000-00-00")) return false;
  const std::chrono::year_month_day day{std::chrono::year(number(text.substr(0, 4))),
                                        std::chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
                                        std::chrono::day(static_cast<unsigned>(number(text.substr(8, 2))))};
  return day.ok();
}

bool is_date_and_time(std::string_view text) {
  if (text.size() < 10 || !is_date(text.substr(0, 10)) || !fits(text.substr(10), " 00:00:00")) return false;
  return number(text.substr(11, 2)) < 24 && number(text.substr(14, 2)) < 60 && number(text.substr(17, 2)) < 60;
}

}  // namespace systole::signoff
