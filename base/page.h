// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTML pages for reports: one file that needs no other and no network, in a light and a dark dress and for paper. All
// text is escaped; the same calls give the same bytes.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "base/terminal.h"

namespace systole::base {

/// How a piece of text looks.
struct Look {
  std::optional<Tone> tone{};
  std::string anchor{};  ///< of the heading that it links to
  bool code = false;     ///< all characters of one width
  std::string file{};    ///< that it links to: a path relative to the page; used where there is no anchor
};

struct Piece {
  std::string text;
  Look look{};
};

/// A number that is read from afar.
struct BigNumber {
  std::string name, value, note;
  std::string anchor{};  ///< of the heading that says more
};

class Page {
 public:
  explicit Page(std::string title);

  /// The one line that the page is about: a word in its tone, and what it means.
  void banner(Tone tone, std::string_view word, std::string_view note);
  void numbers(const std::vector<BigNumber>& numbers);
  /// Level 2 .. 4. The anchor is of letters, digits, '-' and '_', and nobody else's.
  void heading(int level, std::string_view text, const std::string& anchor);
  /// Links to all headings of level 2, the later ones too.
  void contents();
  void paragraph(const std::vector<Piece>& pieces);
  void paragraph(const std::string& text) { paragraph(std::vector<Piece>{{text}}); }
  void preformatted(std::string_view text);

  using CellLook = std::function<Look(std::size_t row, std::size_t column)>;
  /// Sorted by a click on a column's name. Its name is the caption; doubles have `decimals` decimals. Throws
  /// std::logic_error where a row has another length.
  void table(const Table& table, const CellLook& look = {}, int decimals = 2);

  /// A table whose integers and doubles are shaded in nine steps from zero (none) to the largest (full); a negative one
  /// has no shade. Without `numbers` the cells are small and name theirs to a pointer that rests on them; `look` is of
  /// those with.
  void heat_map(const Table& table, bool numbers = true, int decimals = 2, const CellLook& look = {});

  struct Bar {
    std::string name;  ///< what a pointer that rests on it sees: "run 7: 12.5 s"
    double value = 0;
    Tone tone = Tone::neutral;
  };
  /// A bar for each value, from zero to the largest of them, which the caption should name; none for what is negative
  /// or not finite.
  void bars(std::string_view caption, const std::vector<Bar>& bars);

  /// A part of a strip, in the unit of its length.
  struct StripPart {
    double from = 0, length = 1;
    std::string name;  ///< what a pointer that rests on it sees
    int step = 1;      ///< how dark it is, 1 .. kStripSteps
  };
  struct Strip {
    std::string name;
    std::vector<StripPart> parts;
  };
  static constexpr int kStripSteps = 6;
  /// Named strips below each other, each from 0 to `length` and as wide as there is room; empty where no part is.
  /// Throws std::logic_error for a part that is not within, or of another step.
  void strips(std::string_view caption, double length, const std::vector<Strip>& strips);

  /// A strip for each row: its numbers side by side, the first the darkest; the longest row is as wide as there is
  /// room. The caption has the table's name and those of the columns. Negative ones are left out.
  void stacked(const Table& table, int decimals = 2);

  /// What `fill` adds is folded away behind the summary; on paper it is there.
  void details(std::string_view summary, const std::function<void()>& fill);

  /// Throws std::logic_error where a link has no heading.
  [[nodiscard]] std::string html() const;

 private:
  struct Heading {
    int level;
    std::string text;
  };
  [[nodiscard]] std::string piece(const Piece& piece);
  std::string link(const Look& look, const std::string& inside);

  std::string title_, body_;
  std::map<std::string, Heading> headings_;  ///< by anchor
  std::vector<std::string> order_, linked_;  ///< anchors
  std::vector<std::size_t> contents_;        ///< places in body_
};

/// An anchor of any text: lower case, '-' for what is neither letter nor digit.
[[nodiscard]] std::string anchor_of(std::string_view text);

}  // namespace systole::base
