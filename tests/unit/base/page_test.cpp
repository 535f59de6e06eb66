// SPDX-License-Identifier: Apache-2.0
#include "base/page.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>

namespace {

using systole::base::anchor_of;
using systole::base::Figure;
using systole::base::Look;
using systole::base::Page;
using systole::base::Table;
using systole::base::Tone;

bool has(const std::string& html, const std::string& part) { return html.find(part) != std::string::npos; }

std::size_t count(const std::string& html, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = html.find(part); at != std::string::npos; at = html.find(part, at + 1)) ++found;
  return found;
}

/// The hostile text at every place that takes one.
Page page_of(const std::string& text) {
  Page page(text);
  page.banner(Tone::bad, text, text);
  page.numbers({{text, text, text, "one"}});
  page.contents();
  page.heading(2, text, "one");
  page.paragraph({{text, {.tone = Tone::good}}, {text, {.code = true}}, {text, {.anchor = "one"}}});
  page.preformatted(text);
  page.table({text, {text, "n"}, {{text, Figure{text}}}});
  page.heat_map({text, {text, text}, {{text, std::int64_t{1}}}});
  page.heat_map({text, {text, text}, {{text, std::int64_t{1}}}}, false);
  page.details(text, [&] { page.paragraph(text); });
  return page;
}

TEST_CASE("base.page.all_text_is_escaped") {
  const std::string html = page_of("<script>\"a\"&'b'\x1b\xFF").html();
  CHECK(count(html, "<script>") == 1);  // the page's own
  CHECK(count(html, "&lt;script&gt;&quot;a&quot;&amp;&#39;b&#39; \xEF\xBF\xBD") == 29);
  CHECK_FALSE(has(html, "\x1b"));
  CHECK_FALSE(has(html, "\xFF"));
}

TEST_CASE("base.page.same_calls_give_same_bytes") { CHECK(page_of("x").html() == page_of("x").html()); }

TEST_CASE("base.page.names_no_other_file") {
  const std::string html = page_of("x").html();
  for (const char* part : {"http://", "https://", "url(", "@import", "src=", "<link rel=\"stylesheet"}) {
    CHECK_FALSE_MESSAGE(has(html, part), part);
  }
}

TEST_CASE("base.page.contents_list_headings_that_come_later") {
  Page page("t");
  page.contents();
  page.heading(2, "First & last", "first");
  page.heading(3, "below", "below");
  const std::string html = page.html();
  CHECK(has(html, "<li><a href=\"#first\">First &amp; last</a></li>"));
  CHECK_FALSE(has(html, "<a href=\"#below\">"));
  CHECK(has(html, "<h3 id=\"below\">below</h3>"));
}

TEST_CASE("base.page.link_without_heading") {
  Page page("t");
  page.paragraph({{"see there", {.anchor = "there"}}});
  CHECK_THROWS_AS((void)page.html(), std::logic_error);
  page.heading(2, "There", "there");
  CHECK(has(page.html(), "<a href=\"#there\">see there</a>"));
}

TEST_CASE("base.page.link_to_a_file_beside_it") {
  Page page("t");
  page.paragraph({{"log", {.file = "jobs/a b:\"c\"/output.txt"}}});
  CHECK(has(page.html(), "<a href=\"./jobs/a%20b%3A%22c%22/output.txt\">log</a>"));
}

TEST_CASE("base.page.headings_have_anchors_of_their_own") {
  Page page("t");
  page.heading(2, "A", "a");
  CHECK_THROWS_AS(page.heading(2, "B", "a"), std::logic_error);
  CHECK_THROWS_AS(page.heading(2, "B", "b c"), std::logic_error);
  CHECK_THROWS_AS(page.heading(2, "B", ""), std::logic_error);
  CHECK_THROWS_AS(page.heading(5, "B", "b"), std::logic_error);
  CHECK(anchor_of("Code coverage, 4x4") == "code-coverage--4x4");
}

TEST_CASE("base.page.table_has_numbers_to_the_right_and_exact_for_sorting") {
  Page page("t");
  page.table(
      {"layers", {"layer", "loss", "busy"}, {{std::string("fc1"), 0.12345, Figure{"5%"}}, {{}, std::int64_t{2}, {}}}},
      [](std::size_t row, std::size_t column) {
        return row == 0 && column == 0 ? Look{.tone = Tone::warning, .code = true} : Look{};
      });
  const std::string html = page.html();
  CHECK(has(html,
            "<th scope=\"col\"><button type=\"button\">layer</button></th>"
            "<th scope=\"col\" class=\"n\"><button type=\"button\">loss</button></th>"));
  CHECK(has(html,
            "<tr><td><span class=\"tone warning\"><code>fc1</code></span></td>"
            "<td class=\"n\" data-v=\"0.12345\">0.12</td><td class=\"n\">5%</td></tr>"));
  CHECK(has(html, "<tr><td></td><td class=\"n\">2</td><td class=\"n\"></td></tr>"));
  CHECK(has(html, "<caption>layers</caption>"));
  CHECK_THROWS_AS(page.table({"t", {"a", "b"}, {{std::int64_t{1}}}}), std::logic_error);
}

TEST_CASE("base.page.bars_reach_up_to_the_largest") {
  using systole::base::Tone;
  systole::base::Page page("p");
  page.bars("up to <4>",
            {{"a <b>", 1}, {"c", 4, Tone::bad}, {"d", -1}, {"e", std::numeric_limits<double>::quiet_NaN()}});
  page.bars("none", {});
  const std::string html = page.html();
  const auto has = [&html](const char* text) { return html.find(text) != std::string::npos; };
  CHECK(has("viewBox=\"0 0 56 60\""));
  CHECK(
      has("<rect class=\"neutral\" x=\"0\" y=\"45.0\" width=\"11\" height=\"15.0\"><title>a &lt;b&gt;</title></rect>"));
  CHECK(has("<rect class=\"bad\" x=\"14\" y=\"0.0\" width=\"11\" height=\"60.0\"><title>c</title></rect>"));
  CHECK(has("y=\"60.0\" width=\"11\" height=\"0.0\"><title>d</title>"));
  CHECK(has("y=\"60.0\" width=\"11\" height=\"0.0\"><title>e</title>"));
  CHECK(has("<figcaption>up to &lt;4&gt;</figcaption>"));
}

TEST_CASE("base.page.strips_have_their_parts_in_place") {
  Page page("t");
  page.strips("kills <1>", 8, {{"p <0>", {{0, 1, "a <b>", 6}, {3, 2.5, "c"}}}, {"none", {}}});
  const std::string html = page.html();
  CHECK(has(html, "<caption>kills &lt;1&gt;</caption>"));
  CHECK(has(html,
            "<tr><th scope=\"row\">p &lt;0&gt;</th><td><svg viewBox=\"0 0 8 1\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\"><rect class=\"s6\" x=\"0\" width=\"1\" height=\"1\"><title>a &lt;b&gt;</title></rect>"
            "<rect class=\"s1\" x=\"3\" width=\"2.5\" height=\"1\"><title>c</title></rect></svg></td></tr>"));
  CHECK(has(html, "<tr><th scope=\"row\">none</th><td><svg"));
  for (const Page::StripPart& part : {Page::StripPart{8, 1, "", 1}, {-1, 1, "", 1}, {0, 1, "", 0}, {0, 1, "", 7}})
    CHECK_THROWS_AS(page.strips("outside", 8, {{"row", {part}}}), std::logic_error);
}

TEST_CASE("base.page.stacked_numbers_are_side_by_side") {
  Page page("t");
  page.stacked({"cycles",
                {"layer", "ideal", "idle", "drain"},
                {{std::string("fc1"), 10.0, -1.0, 30.0}, {std::string("fc2"), std::int64_t{60}, {}, 20.5}}},
               1);
  const std::string html = page.html();
  CHECK(has(html, "<caption>cycles; from left to right, dark to light: ideal, idle, drain</caption>"));
  CHECK(
      has(html,
          "<th scope=\"row\">fc1</th><td><svg viewBox=\"0 0 80.5 1\" preserveAspectRatio=\"none\" "
          "aria-hidden=\"true\"><rect class=\"s6\" x=\"0\" width=\"10\" height=\"1\"><title>ideal: 10.0</title></rect>"
          "<rect class=\"s4\" x=\"10\" width=\"30\" height=\"1\"><title>drain: 30.0</title></rect></svg>"));
  CHECK(has(html, "x=\"60\" width=\"20.5\" height=\"1\"><title>drain: 20.5</title>"));
}

TEST_CASE("base.page.heat_map_shades_by_the_largest") {
  Page page("t");
  page.heat_map(
      {"hits",
       {"kind", "a", "b"},
       {{std::string("conv"), std::int64_t{0}, std::int64_t{1}}, {std::string("pool"), std::int64_t{90}, -1.0}}});
  const std::string html = page.html();
  CHECK(has(html, "<th scope=\"row\">conv</th><td class=\"n\">0</td><td class=\"n h1\">1</td>"));
  CHECK(has(html, "<td class=\"n h9\">90</td><td class=\"n\">-1.00</td>"));
}

TEST_CASE("base.page.heat_map_links") {
  Page page("t");
  page.heading(2, "There", "there");
  page.heat_map({"hits", {"kind", "a"}, {{std::string("conv"), std::int64_t{3}}}}, true, 2,
                [](std::size_t, std::size_t column) { return Look{.anchor = column == 1 ? "there" : ""}; });
  CHECK(has(page.html(), "<td class=\"n h9\"><a href=\"#there\">3</a></td>"));
}

TEST_CASE("base.page.small_heat_map_names_its_numbers") {
  Page page("t");
  page.heat_map({"kills", {"checker", "m1", "m2"}, {{std::string("pins"), std::int64_t{0}, std::int64_t{7}}}}, false);
  CHECK(has(page.html(), "<td title=\"m1: 0\"></td><td class=\"h9\" title=\"m2: 7\"></td>"));
}

TEST_CASE("base.page.preformatted_keeps_its_lines") {
  Page page("t");
  page.preformatted("\n a\tb\n  c");
  CHECK(has(page.html(), "<pre class=\"scroll\" tabindex=\"0\">\n\n a\tb\n  c</pre>"));
}

}  // namespace
