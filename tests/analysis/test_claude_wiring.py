"""From settings to words: which reviewer is chosen, what is refused at start, what is not loaded."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from pydantic import SecretStr

import lendgate
from lendgate.agent import AsyncLendingAgent, CaseReview, LendingAgent
from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.risk import risk_explained
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.speaking import Words
from lendgate.bootstrap import checked_models, deployment_from, opened_models, reviewer_from, speaker_from
from lendgate.claude.deployment import ANTHROPIC_URL, PRESETS
from lendgate.claude.ledger import MemoryLedger
from lendgate.claude.standin import Options, app
from lendgate.errors import SettingsError
from lendgate.schema import Application, Review
from lendgate.settings import ServiceSettings, service_settings
from tests.analysis.cases import CASES
from tests.analysis.standins import standing_in

KEY = SecretStr("sk-test")
PROFILE = {"applicant_id": "W-1", "income": 95000, "debt_to_income": 0.31, "employment_years": 4}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "LENDGATE_MODEL_BASE_URL", "LENDGATE_MODEL_SERVER"):
        monkeypatch.delenv(name, raising=False)


def settings(**values: object) -> ServiceSettings:
    return ServiceSettings().model_copy(update=values)


@pytest.fixture(scope="module")
def standin_url() -> Iterator[str]:
    """A stand-in on a port of this machine."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    config = uvicorn.Config(app(Options()), port=port, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def at(url: str, **more: object) -> ServiceSettings:
    return settings(anthropic_api_key=KEY, model_base_url=url, **more)


def test_without_a_key_the_rules_review() -> None:
    """Nothing set, an empty key, or asked for in words."""
    for chosen in (settings(), settings(anthropic_api_key=SecretStr("")), settings(reviewer="rules")):
        assert deployment_from(chosen) is None
    assert deployment_from(settings(anthropic_api_key=KEY, reviewer="rules")) is None


def test_with_a_key_claude_reviews() -> None:
    """At Anthropic, with the model of the settings."""
    deployment = deployment_from(settings(anthropic_api_key=KEY))
    assert deployment is not None
    assert (deployment.server, deployment.base_url) == ("anthropic", ANTHROPIC_URL)
    assert isinstance(reviewer_from(settings()), RulesReviewer)


def test_the_key_is_read_from_its_usual_name_and_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ANTHROPIC_API_KEY, or the path of a file in ANTHROPIC_API_KEY_FILE."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-environment")
    read = service_settings().anthropic_api_key
    assert read is not None
    assert read.get_secret_value() == "sk-environment"
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    (tmp_path / "key").write_text("sk-file\n")
    monkeypatch.setenv("ANTHROPIC_API_KEY_FILE", str(tmp_path / "key"))
    read = service_settings().anthropic_api_key
    assert read is not None
    assert read.get_secret_value() == "sk-file"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reviewer": "claude"}, "set ANTHROPIC_API_KEY"),
        ({"model_server": "ollama"}, "LENDGATE_MODEL_BASE_URL is not set"),
        ({"anthropic_api_key": KEY, "model_base_url": "http://models.example.com"}, "must be https"),
        ({"anthropic_api_key": KEY, "model_capabilities": "+telepathy"}, "telepathy"),
    ],
)
def test_what_cannot_be_right_is_said_at_start(values: dict[str, object], words: str) -> None:
    """With the setting to mend; never a silent change to the rules."""
    with pytest.raises(SettingsError, match=words):
        deployment_from(settings(**values))


def test_every_preset_can_be_named_in_the_settings() -> None:
    """The two lists are one."""
    for server in PRESETS:
        assert ServiceSettings(model_server=server).model_server == server


def test_another_makers_server_needs_no_key() -> None:
    """A base URL is enough."""
    deployment = deployment_from(settings(model_server="ollama", model_base_url="http://127.0.0.1:11434"))
    assert deployment is not None
    assert not deployment.capabilities.structured_output


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_review": "claude-opus-0"}, "LENDGATE_MODEL_REVIEW: no price is known"),
        ({"model_documents": "claude-haiku-0"}, "LENDGATE_MODEL_DOCUMENTS: no price is known"),
        ({"model_prices": Path("/nowhere.yaml")}, "LENDGATE_MODEL_PRICES: /nowhere.yaml"),
    ],
)
def test_a_model_without_a_price_refuses_to_start(
    values: dict[str, object], words: str, standin_url: str
) -> None:
    """An unpriced call could not be held under a ceiling."""
    with pytest.raises(SettingsError, match=words):
        asyncio.run(checked_models(at(standin_url, **values)))


def test_a_deprecated_model_is_a_warning_with_its_last_day(
    standin_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Said in the log of the start, which goes on."""
    prices = tmp_path / "prices.yaml"
    rate = '{since: 2025-01-01, input: "1", output: "1", cache_read: "1"}'.replace(
        "}", ', cache_write_5m: "1", cache_write_1h: "1"}'
    )
    known = ("claude-sonnet-4-5", "claude-sonnet-5-5", "claude-haiku-5-5")
    models = "".join(f"  {name}: [{rate}]\n" for name in known)
    prices.write_text(
        f'as_of: 2026-11-22\nbatch_factor: "0.5"\ngeo_factors: {{global: "1"}}\nmodels:\n{models}'
    )
    configured = at(standin_url, model_review="claude-sonnet-4-5", model_prices=prices)

    async def start() -> None:
        async with opened_models(configured, MemoryLedger(), checked=True) as models:
            assert isinstance(reviewer_from(configured, models.review), ClaudeReviewer)

    with caplog.at_level(logging.WARNING, "lendgate.bootstrap"):
        asyncio.run(start())
    assert "LENDGATE_MODEL_REVIEW: claude-sonnet-4-5 is deprecated and works until 2026-11-30" in caplog.text


def test_models_that_are_all_right_give_no_warning(standin_url: str) -> None:
    """None at all; and without a model there is nothing to check."""
    assert asyncio.run(checked_models(at(standin_url))) == ()
    assert asyncio.run(checked_models(settings())) is None


@pytest.fixture
def by_claude(standin_url: str, monkeypatch: pytest.MonkeyPatch) -> LendingAgent:
    """An agent whose model is the stand-in on its port."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "simulated")
    monkeypatch.setenv("LENDGATE_MODEL_BASE_URL", standin_url)
    return LendingAgent()


def test_the_agent_reviews_by_claude_time_and_again(by_claude: LendingAgent) -> None:
    """Each call in an event loop of its own, with the recommendation of the rules."""
    reviews = [by_claude.analyze(PROFILE) for _ in range(2)]
    assert all(review.memo.reviewer == "claude" and review.memo.simulated for review in reviews)
    assert reviews[1].usage.cached_tokens > 0


def test_the_agent_explains_in_every_way(by_claude: LendingAgent) -> None:
    """Sync with a listener, async whole, async streamed: the same words."""
    review, heard = by_claude.analyze(PROFILE), list[str]()
    words = by_claude.explain_risk(review, heard.append)
    assert " ".join(heard) == words.text
    again = AsyncLendingAgent()
    assert asyncio.run(again.explain_risk(review)).text == words.text
    assert asyncio.run(_last(again, review)).text == words.text
    assert by_claude.ask(review, "What is the income?").speaker == "claude"
    assert by_claude.summarize_income(PROFILE).simulated


async def _last(agent: AsyncLendingAgent, review: CaseReview) -> Words:
    pieces = [piece async for piece in agent.stream_risk(review)]
    assert isinstance(pieces[-1], Words)
    return pieces[-1]


def test_the_functions_of_the_package_explain_by_rule_without_a_key() -> None:
    """summarize_income, explain_risk, ask."""
    review = LendingAgent().analyze(PROFILE)
    for words in (
        lendgate.summarize_income(Application.model_validate(PROFILE)),
        lendgate.explain_risk(review),
        lendgate.ask(review, "What is the income?"),
    ):
        assert (words.speaker, words.because) == ("rules", None)
        assert "$95,000 a year" in words.text


def test_a_review_from_the_wire_is_explained_without_figures() -> None:
    """It tells no facts, so nothing is said of any; checks and next step are there."""
    made = LendingAgent().analyze(PROFILE)
    review = Review(
        review_id="r1",
        status="completed",
        applicant_id="W-1",
        product="personal_loan",
        recommendation=made.recommendation,
        memo=made.memo,
        findings=made.case.checks,
        completeness=made.completeness,
        request_id="q1",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    words = LendingAgent().explain_risk(review)
    assert words.text.startswith("Low risk")
    assert "95,000" not in words.text


def test_every_application_of_an_agent_has_its_own_ceiling(by_claude: LendingAgent) -> None:
    """What one cost is no concern of the next."""
    first, second = by_claude.analyze(PROFILE), by_claude.analyze(PROFILE)
    assert first.case.charged_to != second.case.charged_to
    assert replace(first.case, charged_to=second.case.charged_to) == second.case


def test_the_speaker_has_a_model_of_its_own() -> None:
    """LENDGATE_MODEL_EXPLAIN."""

    async def work() -> Words:
        async with standing_in(Options()) as (model, _):
            speaker = speaker_from(settings(model_explain="claude-haiku-5-5"), model)
            return await speaker.say(risk_explained(CASES["steady"]))

    assert asyncio.run(work()).usage.model == "standin-claude-haiku-5-5"


def test_without_a_key_the_sdk_is_not_imported() -> None:
    """It takes most of a second and fifty megabytes."""
    code = (
        "import sys, lendgate, lendgate.cli\n"
        f"lendgate.explain_risk(lendgate.analyze_lending_case({PROFILE!r}))\n"
        "sys.exit('anthropic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
