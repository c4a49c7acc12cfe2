"""``lendgate demo``: start everything, send applications through the gate, show the answers, stop.

Law: nothing is acted: each answer below is what the running gate and service said, with the time it took.
"""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from rich.padding import Padding
from rich.text import Text

from lendgate.cli.audit import sentence, verify_store
from lendgate.cli.demo_uses import show_conversation, show_document, show_question
from lendgate.cli.local import LocalPlatform, running_platform
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for
from lendgate.client import AsyncLendgateClient
from lendgate.settings import ServiceSettings
from lendgate.web.logs import configure
from lendgate.web.server import run

Answer = dict[str, Any]
CASES: Final[tuple[tuple[str, str | bytes | dict[str, object]], ...]] = (
    (
        "a good application",
        {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22},
    ),
    (
        "a full personal loan file",
        {
            "applicant_id": "FULL-002",
            "income": 96000,
            "debt_to_income": 0.24,
            "employment_years": 8,
            "amount_requested": 15000,
            "term_months": 48,
            "apr": 0.1199,
            "credit": {
                "score": 752,
                "oldest_trade_months": 132,
                "inquiries_six_months": 1,
                "delinquencies_current": 0,
            },
            "applicants": [{"declarations": {"foreclosure": False, "outstanding_judgments": False}}],
        },
    ),
    (
        "a thin file",
        {"applicant_id": "THIN-003", "income": 31000, "debt_to_income": 0.35, "employment_years": 1},
    ),
    ("an over-leveraged applicant", {"applicant_id": "OVER-004", "income": 120000, "debt_to_income": 0.62}),
    (
        "an incomplete mortgage",
        {"applicant_id": "HOME-005", "product": "mortgage", "income": 140000, "debt_to_income": 0.33},
    ),
    (
        "a mortgage above the ratios",
        {
            "applicant_id": "HOME-006",
            "product": "mortgage",
            "income": 110000,
            "debt_to_income": 0.44,
            "employment_years": 5,
            "amount_requested": 380000,
            "term_months": 360,
            "note_rate": 0.0675,
            "loan_purpose": "Purchase",
            "property_usage": "PrimaryResidence",
            "property": {"value": 425000, "units": 1},
            "credit": {"score": 731},
        },
    ),
    ("a malformed body", b'{"applicant_id":"A1","income":NaN,"debt_to_income":31'),
    ("values that cannot be", {"applicant_id": "A1", "income": "NaN", "debt_to_income": 31, "incme": 1}),
)


def demo(
    data_dir: Annotated[Path | None, typer.Option(help="Where data, keys and logs live.")] = None,
    json: Json = False,
) -> None:
    """Run the main job: applications through a real gate, judged, reviewed, stored and audited."""
    with spoken_errors():
        settings = service_settings_for(data_dir)
        configure("error")
        run(_demo(settings, as_json=json))


async def _demo(settings: ServiceSettings, *, as_json: bool) -> None:
    begun = time.perf_counter()
    err.print("starting PostgreSQL, the service and the Worker …", highlight=False)
    async with running_platform(settings) as platform:
        _say(f"ready in {time.perf_counter() - begun:.1f} s: gate {platform.worker_base_url}\n")
        async with httpx.AsyncClient(base_url=platform.worker_base_url, timeout=30) as http:
            reviews: dict[str, Answer] = {}
            for title, body in CASES:
                sent = await _send(http, body, platform.token)
                reviews[title] = sent["answer"]
                _show(title, sent, as_json=as_json)
            forged = _forged(platform.token)
            _show("a forged token", await _send(http, CASES[0][1], forged), as_json=as_json)
        await _show_uses(platform, reviews, as_json=as_json)
        await _close(platform, settings)


async def _show_uses(platform: LocalPlatform, reviews: dict[str, Answer], *, as_json: bool) -> None:
    """A conversation, a document for the first application, and why another one was not approved."""
    async with AsyncLendgateClient(platform.worker_base_url, platform.token) as gate:
        await show_conversation(gate, as_json=as_json)
        await show_document(gate, reviews["a good application"]["review_id"], as_json=as_json)
        await show_question(gate, reviews["an over-leveraged applicant"]["review_id"], as_json=as_json)


async def _send(http: httpx.AsyncClient, body: str | bytes | dict[str, object], token: str) -> Answer:
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    begun = time.perf_counter()
    response = await http.post("/lending-review", content=content, headers=headers)
    took = (time.perf_counter() - begun) * 1000
    return {"status": response.status_code, "milliseconds": round(took, 1), "answer": response.json()}


def _forged(token: str) -> str:
    """The token with another broker in it and the old signature."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["broker_id"] = "somebody-else"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def _show(title: str, sent: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json({"case": title, **sent})
        return
    answer = sent["answer"]
    refused = answer.get("ok") is False
    verdict = answer["title"] if refused else answer["recommendation"]["outcome"]
    colour = "red" if refused else {"eligible": "green", "ineligible": "red"}.get(verdict, "yellow")
    out.print(
        f"[bold]{title}[/bold]  →  {sent['status']} [{colour}]{verdict}[/{colour}]  "
        f"[dim]{sent['milliseconds']:.1f} ms[/dim]",
        highlight=False,
    )
    lines = _refusal_lines(answer) if refused else _review_lines(answer)
    for line in lines:
        out.print(Padding(Text(line), (0, 0, 0, 4)))
    out.print()


def _refusal_lines(answer: Answer) -> list[str]:
    places = [f"{error['pointer'] or 'body'}: {error['detail']}" for error in answer["errors"]]
    return [answer["reason"], *places]


def _review_lines(answer: Answer) -> list[str]:
    memo = answer["memo"]
    reasons = "; ".join(reason["text"] for reason in answer["recommendation"]["reasons"]) or "none"
    return [
        memo["risk_summary"],
        f"Primary checks passed: {', '.join(memo['checks_passed']) or 'none could be confirmed'}.",
        f"Recommended next step: {memo['next_step']}",
        f"principal reasons: {reasons}   (reviewer: {memo['reviewer']})",
    ]


async def _close(platform: LocalPlatform, settings: ServiceSettings) -> None:
    verdict = await verify_store(settings)
    _say(sentence(verdict))
    _say(f"data      {platform.data_dir / 'postgres'}")
    _say(f"logs      {platform.data_dir / 'logs'}")
    _say("next      `lendgate serve` keeps it running; `lendgate audit export` writes the trail out")


def _say(sentence: str) -> None:
    err.print(sentence, highlight=False, markup=False, soft_wrap=True)
