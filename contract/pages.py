"""Reference pages that are generated from the code they describe.

Law: a page here is a rendering; whoever wants other words changes the docstring or the table it is made of.
"""

from __future__ import annotations

from typing import Final, get_args

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from lendgate.schema.problem import KINDS, PREFIX
from lendgate.settings import CallerSettings, ServiceSettings, variable_name

_EMPTY: Final = "not set"
_SETTINGS_INTRODUCTION: Final = (
    "Generated from `lendgate/settings.py`. A secret can also be given as `NAME_FILE`, the path of a file "
    "that holds it. `lendgate doctor` names variables that nothing reads."
)
_PROGRAMS: Final = (
    "| variable | default | what it is |\n|---|---|---|\n"
    "| `LENDGATE_WORKERD` | the one npm installed | Path of the workerd binary that runs the gate. |"
)
_PROBLEMS_INTRODUCTION: Final = (
    "Generated from `lendgate/schema/problem.py`. Every failure is `application/problem+json` (RFC 9457) "
    "with `ok: false`, one plain sentence in `reason`, the places that are wrong in `errors` (RFC 6901 "
    "pointers), and a `request_id` to quote."
)


def settings_page() -> str:
    """Every environment variable, its default and what it is for."""
    parts = [
        "# Settings",
        _SETTINGS_INTRODUCTION,
        "## The service",
        _table(ServiceSettings),
        "## Callers: the SDK, `lending_agent` and the command line",
        _table(CallerSettings),
        "## Programs",
        _PROGRAMS,
    ]
    return "\n\n".join(parts) + "\n"


def _table(kind: type[BaseSettings]) -> str:
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for field, info in kind.model_fields.items():
        secret = " (secret)" if SecretStr in get_args(info.annotation) else ""
        default = _EMPTY if info.default is None else f"`{info.default}`"
        rows.append(f"| `{variable_name(kind, field)}` | {default} | {info.description}{secret} |")
    return "\n".join(rows)


def problems_page() -> str:
    """Every problem type the gate and the service answer with."""
    rows = ["| type | status | title |", "|---|---|---|"]
    rows += [f"| `{PREFIX}{name}` | {kind.status} | {kind.title} |" for name, kind in KINDS.items()]
    return "\n\n".join(["# Problems", _PROBLEMS_INTRODUCTION, "\n".join(rows)]) + "\n"
