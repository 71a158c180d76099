"""The style of pages: system fonts, colours by the reader's choice of light or dark, and print."""

STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1b1b; --quiet: #545454; --line: #808080; --link: #0b4a8f;
  --focus: #a33a00; --some: #e4eef7; --more: #cbdff1; --most: #a9cbe8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #ededed; --quiet: #b8b8b8; --line: #808890; --link: #9ccbff;
    --focus: #ffb454; --some: #1d2f40; --more: #234563; --most: #2c5a83;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 96rem; overflow-wrap: anywhere;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }
h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
p, ul, dl { margin: .4rem 0; max-width: 75ch; }
ul { padding-left: 1.25rem; }
dl > div { margin: .4rem 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0 1.25rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
article:target { outline: 2px solid var(--focus); outline-offset: 4px; }
main:focus { outline: none; }
code { font-family: ui-monospace, monospace; }
code span { white-space: nowrap; }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
nav a { display: inline-block; padding: .25rem 0; }
footer, .quiet, .source { color: var(--quiet); }
footer { margin-top: 2rem; border-top: 1px solid var(--line); }
.fact, .source { margin: 0; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.scroll { overflow-x: auto; position: relative; max-width: 100%; }
table { border-collapse: collapse; overflow-wrap: normal; }
caption { text-align: left; padding: .25rem 0 .5rem; }
caption div { position: sticky; left: 0; width: fit-content; max-width: min(75ch, 85vw); }
th, td { border: 1px solid var(--line); padding: .25rem .4rem; }
thead th { vertical-align: bottom; text-align: left; }
th.row { text-align: left; min-width: 7rem; max-width: 14rem; }
th.row { position: sticky; left: 0; background: var(--paper); }
.upright { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 16rem; }
td { text-align: center; min-width: 2.75rem; }
td a { display: block; min-width: 24px; min-height: 24px; color: var(--ink); }
td.none { color: var(--quiet); }
td.some { background: var(--some); }
td.more { background: var(--more); }
td.most { background: var(--most); }
.marks, .people { display: inline-block; width: 100%; }
.marks { font-family: ui-monospace, monospace; }
.people { font-size: .8rem; white-space: nowrap; }
@media (max-width: 40rem) {
  th.row { min-width: 6rem; max-width: 8rem; font-size: .875rem; }
}
@media print {
  :root { --paper: #ffffff; --ink: #000000; --quiet: #333333; --link: #000000; }
  @page { size: landscape; margin: 1cm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .back { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; }
  th, td { padding: 1pt 2pt; }
  .people { font-size: 6pt; }
  td { min-width: 0; }
  th.row { position: static; min-width: 0; }
  thead { display: table-header-group; }
  tr, article, h2, h3, h4 { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
}
"""

BRIEF = """\
body { max-width: 52rem; }
li { margin: .35rem 0; }
.again, .cited { font-size: .875rem; }
.again { color: var(--quiet); }
.sources { padding: 0; list-style: none; }
cite { font-style: normal; }
@media print {
  @page { size: A4 portrait; margin: 1cm; }
  body {
    font: 8pt/1.15 "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans Condensed", sans-serif;
    max-width: none;
  }
  main { columns: 2; column-gap: 14pt; }
  p, ul, dl, .sources { max-width: none; margin: 1pt 0; }
  ul { padding-left: 10pt; }
  li { margin: .5pt 0; }
  h1 { font-size: 14pt; margin: 0; }
  h2 { font-size: 10.5pt; margin: 4pt 0 1pt; }
  h3 { font-size: 8pt; margin: 2pt 0 0; }
  a { text-decoration: none; }
  .again, .cited, .sources { font-size: 6.5pt; }
  code { font-family: inherit; font-style: italic; }
  .sources li { display: inline; }
  footer { margin-top: 3pt; }
}
"""
"""What a brief has beside: narrow to read, and small enough for two sheets of paper."""
