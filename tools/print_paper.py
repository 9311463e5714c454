"""The paper as its journal's press reads it: `make paper` writes it into `_build/paper`.

pandoc makes a page of `paper/paper.md` and `paper/paper.bib`, its formulas in MathML, its citations
resolved; what it warns of, such as a citation without an entry, is an error. Chromium, if there is
one, prints that page.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

import chromium

ROOT = Path(__file__).resolve().parents[1]
PAPER = ROOT / "paper" / "paper.md"
STYLE = """<style>
@page { size: A4; margin: 22mm }
body { font: 15px/1.5 serif; max-width: 46rem; margin: 2rem auto }
h1 { font-size: 1.25em; margin-top: 1.6em } h1.title { font-size: 1.6em }
h1, h1 + p { break-after: avoid-page } .author, .date { margin: 0.2em 0 }
.csl-entry { margin: 0 0 0.6em 2em; text-indent: -2em }
</style>"""


def header(text: str) -> dict[str, Any]:
    """Read what stands between the first two lines of dashes."""
    found: dict[str, Any] = yaml.safe_load(text.split("---\n", 2)[1])
    return found


def page(paper: Path) -> str:
    """Give the paper as a page of HTML that stands by itself."""
    # Only here: the header is read where there is no pandoc, too.
    import pypandoc

    facts = header(paper.read_text(encoding="utf-8"))
    places = {place["index"]: place["name"] for place in facts["affiliations"]}
    authors = [
        f"{one['name']} (affiliation: {places[one['affiliation']]})" for one in facts["authors"]
    ]
    options = ["--standalone", "--citeproc", "--mathml", "--fail-if-warnings"]
    options += ["--metadata", "link-citations=true", "--metadata", "lang=en-GB"]
    options += [f"--variable=header-includes:{STYLE}"]
    options += [f"--metadata=author:{author}" for author in authors]
    converted: str = pypandoc.convert_file(
        str(paper), "html5", extra_args=options, cworkdir=str(paper.parent)
    )
    return converted


def main() -> int:
    """Build the paper; return the exit status."""
    target = ROOT / "_build" / "paper"
    target.mkdir(parents=True, exist_ok=True)
    html = target / "paper.html"
    html.write_text(page(PAPER), encoding="utf-8")
    print(f"the paper: {html.relative_to(ROOT)}")
    if chromium.program():
        pdf = target / "paper.pdf"
        with chromium.launched() as browser:
            sheet = browser.new_page()
            sheet.goto(html.as_uri())
            sheet.pdf(path=pdf, prefer_css_page_size=True, tagged=True)
        print(f"the paper: {pdf.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
