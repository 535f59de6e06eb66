// SPDX-License-Identifier: Apache-2.0
#include "base/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/page_dress.h"
#include "base/quote.h"

namespace systole::base {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : document_text(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string_view tone_class(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::warning:
      return "warning";
    case Tone::bad:
      return "bad";
    case Tone::neutral:
      break;
  }
  return "neutral";
}

bool is_anchor(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// A path as a part of an address (RFC 3986, 2.1).
std::string address(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/";
  std::string text;
  for (const char c : path)
    text += kPlain.find(c) != std::string_view::npos ? std::string(1, c)
                                                     : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return text;
}

/// The number of a cell that heat_map() shades.
std::optional<double> shaded_value(const Cell& cell) {
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*count);
  if (const auto* number = std::get_if<double>(&cell); number != nullptr && std::isfinite(*number)) return *number;
  return std::nullopt;
}

double largest_shaded(const Table& table) {
  double largest = 0;
  for (const auto& row : table.rows) {
    for (const Cell& cell : row) largest = std::max(largest, shaded_value(cell).value_or(0));
  }
  return largest;
}

/// 0: none.
int shade(const Cell& cell, double largest) {
  const double value = shaded_value(cell).value_or(0);
  return value > 0 ? std::clamp(static_cast<int>(std::ceil(9 * (value / largest))), 1, 9) : 0;
}

std::string head_row(const Table& table, const std::vector<bool>& right, bool sortable) {
  std::string cells;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string name = escaped(table.columns[c]);
    cells += fmt::format("<th scope=\"col\"{}>{}</th>", right[c] ? " class=\"n\"" : "",
                         sortable ? "<button type=\"button\">" + name + "</button>" : name);
  }
  return "<thead><tr>" + cells + "</tr></thead>\n";
}

/// A box of its own in which what is too wide scrolls, by keys too.
std::string box(std::string_view name, std::string_view table_class, std::string_view inside) {
  return fmt::format(
      "<div class=\"scroll box\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{1}>\n{2}{3}</table></div>\n",
      name.empty() ? "table" : escaped(name), table_class,
      name.empty() ? "" : "<caption>" + escaped(name) + "</caption>\n", inside);
}

Page::Strip stacked_row(const Table& table, const std::vector<Cell>& row, const std::vector<bool>& right,
                        int decimals) {
  Page::Strip strip;
  double at = 0;
  int step = Page::kStripSteps;
  for (std::size_t c = 0; c < right.size(); ++c) {
    const std::string text = cell_text(row[c], decimals);
    if (!right[c]) {
      strip.name += (strip.name.empty() ? "" : " ") + text;
      continue;
    }
    const double value = shaded_value(row[c]).value_or(0);
    if (value > 0) {
      strip.parts.push_back({.from = at, .length = value, .name = table.columns[c] + ": " + text, .step = step});
      at += value;
    }
    step = step > 1 ? step - 1 : Page::kStripSteps;
  }
  return strip;
}

}  // namespace

Page::Page(std::string title) : title_(std::move(title)) {}

std::string Page::link(const Look& look, const std::string& inside) {
  if (look.anchor.empty()) {
    return look.file.empty() ? inside : fmt::format("<a href=\"./{}\">{}</a>", address(look.file), inside);
  }
  linked_.push_back(look.anchor);
  return fmt::format("<a href=\"#{}\">{}</a>", escaped(look.anchor), inside);
}

std::string Page::piece(const Piece& piece) {
  std::string text = link(piece.look, escaped(piece.text));
  if (piece.look.code) text = "<code>" + text + "</code>";
  if (piece.look.tone) text = fmt::format("<span class=\"tone {}\">{}</span>", tone_class(*piece.look.tone), text);
  return text;
}

void Page::banner(Tone tone, std::string_view word, std::string_view note) {
  body_ += fmt::format("<p class=\"banner {}\"><b>{}</b><span>{}</span></p>\n", tone_class(tone), escaped(word),
                       escaped(note));
}

void Page::numbers(const std::vector<BigNumber>& numbers) {
  if (numbers.empty()) return;
  body_ += "<section class=\"numbers\">\n";
  for (const BigNumber& number : numbers) {
    body_ += fmt::format(
        "<div><span class=\"name\">{}</span><span class=\"value\">{}</span><span class=\"note\">{}</span></div>\n",
        link({.anchor = number.anchor}, escaped(number.name)), escaped(number.value), escaped(number.note));
  }
  body_ += "</section>\n";
}

void Page::heading(int level, std::string_view text, const std::string& anchor) {
  if (level < 2 || level > 4) throw std::logic_error("page: a heading of another level than 2 .. 4");
  if (!is_anchor(anchor)) throw std::logic_error("page: '" + anchor + "' is no anchor");
  if (!headings_.try_emplace(anchor, Heading{level, std::string(text)}).second) {
    throw std::logic_error("page: two headings '" + anchor + "'");
  }
  order_.push_back(anchor);
  body_ += fmt::format("<h{0} id=\"{1}\">{2}</h{0}>\n", level, anchor, escaped(text));
}

void Page::contents() { contents_.push_back(body_.size()); }

void Page::paragraph(const std::vector<Piece>& pieces) {
  body_ += "<p>";
  for (const Piece& one : pieces) body_ += piece(one);
  body_ += "</p>\n";
}

void Page::preformatted(std::string_view text) {
  // The line feed after the tag is not part of the text (HTML, 13.1.2.5).
  body_ += "<pre class=\"scroll\" tabindex=\"0\">\n" + escaped(text) + "</pre>\n";
}

void Page::table(const Table& table, const CellLook& look, int decimals) {
  const std::vector<bool> right = number_columns(table);
  std::string inside = head_row(table, right, true) + "<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    inside += "<tr>";
    for (std::size_t c = 0; c < right.size(); ++c) {
      const Cell& cell = table.rows[r][c];
      const std::string exact =
          std::holds_alternative<double>(cell) ? fmt::format(" data-v=\"{}\"", cell_text(cell, -1)) : "";
      inside += fmt::format("<td{}{}>{}</td>", right[c] ? " class=\"n\"" : "", exact,
                            piece({cell_text(cell, decimals), look ? look(r, c) : Look{}}));
    }
    inside += "</tr>\n";
  }
  body_ += box(table.name, "", inside + "</tbody>");
}

void Page::heat_map(const Table& table, bool numbers, int decimals, const CellLook& look) {
  const std::vector<bool> right = number_columns(table);
  const double largest = largest_shaded(table);
  std::string inside = numbers ? head_row(table, right, false) : "";
  inside += "<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    inside += "<tr>";
    for (std::size_t c = 0; c < right.size(); ++c) {
      const std::string shown = cell_text(row[c], decimals);
      const std::string text = look && numbers ? piece({shown, look(r, c)}) : escaped(shown);
      if (!right[c]) {
        inside += "<th scope=\"row\">" + text + "</th>";
        continue;
      }
      const int step = shade(row[c], largest);
      const std::string shaded = step > 0  ? fmt::format(" class=\"{}h{}\"", numbers ? "n " : "", step)
                                 : numbers ? " class=\"n\""
                                           : "";
      inside += numbers ? fmt::format("<td{}>{}</td>", shaded, text)
                        : fmt::format("<td{} title=\"{}: {}\"></td>", shaded, escaped(table.columns[c]), text);
    }
    inside += "</tr>\n";
  }
  body_ += box(table.name, numbers ? " class=\"heat\"" : " class=\"small\"", inside + "</tbody>");
}

void Page::bars(std::string_view caption, const std::vector<Bar>& bars) {
  constexpr int kHeight = 60, kStep = 14, kWidth = 11;  // units of the picture
  double largest = 0;
  for (const Bar& bar : bars) largest = std::max(largest, std::isfinite(bar.value) ? bar.value : 0);
  std::string inside;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double value = std::isfinite(bars[i].value) && largest > 0 ? std::max(0.0, bars[i].value / largest) : 0;
    const double height = kHeight * value;
    inside +=
        fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\"><title>{}</title></rect>",
                    tone_class(bars[i].tone), i * kStep, kHeight - height, kWidth, height, escaped(bars[i].name));
  }
  const std::size_t width = std::max<std::size_t>(1, bars.size()) * kStep;
  body_ += fmt::format(
      "<figure class=\"bars\"><svg role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {1} {2}\" width=\"{1}\" "
      "height=\"{2}\">{3}</svg><figcaption>{0}</figcaption></figure>\n",
      escaped(caption), width, kHeight, inside);
}

void Page::strips(std::string_view caption, double length, const std::vector<Strip>& strips) {
  std::string inside = "<tbody>\n";
  for (const Strip& strip : strips) {
    inside += fmt::format(
        "<tr><th scope=\"row\">{}</th><td><svg viewBox=\"0 0 {:.6g} 1\" preserveAspectRatio=\"none\" "
        "aria-hidden=\"true\">",
        escaped(strip.name), length);
    for (const StripPart& part : strip.parts) {
      constexpr double kRounding = 1e-6;  // of sums of parts
      if (part.from < 0 || part.length < 0 || part.from + part.length > length * (1 + kRounding) || part.step < 1 ||
          part.step > kStripSteps)
        throw std::logic_error("page: '" + part.name + "' is no part of its strip");
      inside += fmt::format("<rect class=\"s{}\" x=\"{:.6g}\" width=\"{:.6g}\" height=\"1\"><title>{}</title></rect>",
                            part.step, part.from, part.length, escaped(part.name));
    }
    inside += "</svg></td></tr>\n";
  }
  body_ += box(caption, " class=\"strips\"", inside + "</tbody>");
}

void Page::stacked(const Table& table, int decimals) {
  const std::vector<bool> right = number_columns(table);
  std::vector<Strip> rows;
  double longest = 0;
  for (const auto& row : table.rows) {
    rows.push_back(stacked_row(table, row, right, decimals));
    if (!rows.back().parts.empty())
      longest = std::max(longest, rows.back().parts.back().from + rows.back().parts.back().length);
  }
  std::vector<std::string> names;
  for (std::size_t c = 0; c < right.size(); ++c) {
    if (right[c]) names.push_back(table.columns[c]);
  }
  strips(fmt::format("{}; from left to right, dark to light: {}", table.name, fmt::join(names, ", ")), longest, rows);
}

void Page::details(std::string_view summary, const std::function<void()>& fill) {
  body_ += "<details><summary>" + escaped(summary) + "</summary>\n";
  fill();
  body_ += "</details>\n";
}

std::string Page::html() const {
  for (const std::string& anchor : linked_) {
    if (!headings_.contains(anchor)) throw std::logic_error("page: a link to '" + anchor + "', which is no heading");
  }
  std::string list = "<nav aria-label=\"Contents\"><ul>\n";
  for (const std::string& anchor : order_) {
    const Heading& heading = headings_.at(anchor);
    if (heading.level == 2) list += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", anchor, escaped(heading.text));
  }
  list += "</ul></nav>\n";
  std::string body;
  std::size_t from = 0;
  for (const std::size_t place : contents_) {
    body += body_.substr(from, place - from) + list;
    from = place;
  }
  body += body_.substr(from);
  const std::string title = escaped(title_);
  // The policy lets the browser fetch nothing, whatever the text is; the icon keeps it from asking a server for one.
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n{2}</main>\n"
      "<script>{3}</script>\n</body>\n</html>\n",
      title, kPageStyle, body, kPageScript);
}

std::string anchor_of(std::string_view text) {
  std::string anchor;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    anchor += upper ? static_cast<char>(c - 'A' + 'a') : kept ? c : '-';
  }
  return anchor;
}

}  // namespace systole::base
