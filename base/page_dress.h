// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every page of base/page.h holds besides its text.
#include <string_view>

namespace systole::base {

/// Every pair of text and ground has a contrast of at least 4.5 (WCAG 2.1, 1.4.3); tests/system/page_test.cpp computes
/// them.
inline constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f7f9; --text: #1b1f24; --faint: #57626d; --line: #d6dce2; --accent: #0b57a4;
  --good: #14632f; --good-ground: #e4f3e8; --bad: #a8201a; --bad-ground: #fbe9e7;
  --warning: #7d4a00; --warning-ground: #fdf1da; --neutral: #46515b; --neutral-ground: #e9edf1; --heat: 11 87 164;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --raised: #1c2126; --text: #e4e7ea; --faint: #a1abb5; --line: #343b43; --accent: #7ab6f2;
    --good: #7fd79b; --good-ground: #15301f; --bad: #ffa099; --bad-ground: #3b1b19;
    --warning: #f0be6a; --warning-ground: #362812; --neutral: #b8c2cc; --neutral-ground: #272d33; --heat: 70 130 200;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.5rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
h4 { font-size: .93rem; margin: 1.25rem 0 .5rem; color: var(--faint); }
p { margin: .5rem 0; max-width: 60rem; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, summary:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
code, pre, .code { font: .87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .5rem 0; padding: .6rem .8rem; background: var(--raised); border: 1px solid var(--line); border-radius: 4px; }
.scroll { overflow-x: auto; max-width: 100%; }
.banner { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin: 0 0 1rem; padding: .7rem 1rem;
  max-width: none; border-left: 6px solid; border-radius: 4px; }
.banner b { font-size: 1.6rem; line-height: 1.2; }
.banner span { color: var(--text); }
td code { white-space: pre-wrap; }
.tone { padding: .05rem .5rem; border-radius: 3px; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.warning { color: var(--warning); background: var(--warning-ground); }
.neutral { color: var(--neutral); background: var(--neutral-ground); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.numbers div { min-width: 0; padding: .6rem .9rem; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; display: flex; flex-direction: column; }
.numbers .name, .numbers .note { color: var(--faint); font-size: .87rem; }
.numbers .value { font-size: 1.5rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; margin: 1rem 0; padding: 0; list-style: none; }
.box { margin: .75rem 0; }
table { border-collapse: collapse; font-size: .93rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--faint); font-size: .87rem; padding: 0 0 .3rem; white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: .28rem .7rem; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--line); font-weight: 600; padding: 0; }
tbody th { font-weight: 400; white-space: nowrap; }
th button { font: inherit; color: inherit; background: none; border: 0; width: 100%; padding: .28rem .7rem; text-align: inherit;
  cursor: pointer; white-space: nowrap; }
th button::after { content: "\2195"; color: var(--faint); padding-left: .35em; }
th[aria-sort=ascending] button::after { content: "\2191"; color: var(--accent); }
th[aria-sort=descending] button::after { content: "\2193"; color: var(--accent); }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.heat td a { color: inherit; }
.heat td { border: 1px solid var(--ground); }
.heat thead th { padding: .28rem .7rem; }
.small td { padding: 0; width: .6rem; height: .9rem; min-width: .6rem; }
.small tbody th { padding: 0 .7rem 0 0; border: 0; }
.small td, .heat td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.h1 { background: rgb(var(--heat) / .06); } .h2 { background: rgb(var(--heat) / .12); }
.h3 { background: rgb(var(--heat) / .18); } .h4 { background: rgb(var(--heat) / .24); }
.h5 { background: rgb(var(--heat) / .30); } .h6 { background: rgb(var(--heat) / .36); }
.h7 { background: rgb(var(--heat) / .42); } .h8 { background: rgb(var(--heat) / .48); }
.h9 { background: rgb(var(--heat) / .54); }
.small .h1, .small .h2, .small .h3 { background: rgb(var(--heat) / .3); }
.small .h4, .small .h5, .small .h6 { background: rgb(var(--heat) / .6); }
.small .h7, .small .h8, .small .h9 { background: rgb(var(--heat)); }
.bars { margin: .75rem 0; }
.bars svg { display: block; max-width: 100%; height: auto; border-bottom: 1px solid var(--line); }
.bars figcaption { color: var(--faint); font-size: .87rem; }
.bars rect { fill: var(--accent); } .bars .good { fill: var(--good); } .bars .bad { fill: var(--bad); }
.bars .warning { fill: var(--warning); }
.strips { width: 100%; }
.strips caption { white-space: normal; }
.strips th { padding: 0 .7rem 0 0; border: 0; line-height: 1.2; }
.strips td { padding: 1px 0; border: 0; width: 100%; vertical-align: middle; }
.strips svg { display: block; width: 100%; min-width: 10rem; height: .8rem; background: var(--raised); }
.strips rect { fill: rgb(var(--heat)); }
.strips .s1 { fill-opacity: .15; } .strips .s2 { fill-opacity: .3; } .strips .s3 { fill-opacity: .45; }
.strips .s4 { fill-opacity: .6; } .strips .s5 { fill-opacity: .8; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
@page { margin: 15mm; }
@media print {
  body { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  pre { white-space: pre-wrap; }
  td code, table:has(th:nth-child(13)) { overflow-wrap: anywhere; }
  th, td, th button, tbody th { white-space: normal; }
  th button::after { content: none; }
  thead { display: table-header-group; }
  tr, .banner, .numbers div { break-inside: avoid; }
  h2, h3, h4, caption, summary { break-after: avoid; }
  .tone, .banner, .numbers div { border: 1px solid; }
  a { color: inherit; text-decoration: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
)css";

inline constexpr std::string_view kPageScript = R"js(
"use strict";
const words = new Intl.Collator("en", {numeric: true});
function sort(button) {
  const head = button.parentElement, column = head.cellIndex, body = head.closest("table").tBodies[0];
  const up = head.getAttribute("aria-sort") !== "ascending", number = head.classList.contains("n");
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = (row) => {
    const cell = row.cells[column], text = cell.dataset.v ?? cell.textContent;
    return number ? parseFloat(text) : text;
  };
  const none = (value) => number ? Number.isNaN(value) : value === "";  // these come last, whichever way
  const order = (a, b) => (up ? 1 : -1) * (number ? a - b : words.compare(a, b));
  const rows = Array.from(body.rows, (row) => [key(row), row]);
  rows.sort(([a], [b]) => none(a) || none(b) ? none(a) - none(b) : order(a, b));
  body.append(...rows.map(([, row]) => row));
}
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => sort(button));
const folded = () => document.querySelectorAll("details:not([open])");
let opened = [];
addEventListener("beforeprint", () => { opened = [...folded()]; for (const one of opened) one.open = true; });
addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
)js";

}  // namespace systole::base
