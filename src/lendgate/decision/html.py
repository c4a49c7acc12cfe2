"""A letter as one HTML page: no script, nothing loaded from elsewhere, every word escaped.

Law: layout only; the same letter gives the same bytes.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lendgate.decision.letter import Letter, long_date


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lendgate.decision"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("notice.html")


def html_of(letter: Letter) -> str:
    """The page."""
    return _template().render(letter=letter, long_date=long_date)
