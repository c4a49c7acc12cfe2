"""``lendgate referrals`` and ``lendgate decisions``: from the queue to a notice, and made again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.decisions import decisions_app
from lendgate.cli.referrals import referrals_app
from lendgate.policy.library import load_packs
from lendgate.schema.requests import SupportCorrection
from lendgate.store.database import Database
from lendgate.workflow.accept import accept_application
from lendgate.workflow.review import carry_out
from lendgate.workflow.support.requests import open_request
from tests.support.command import said
from tests.support.edge_hand import metadata_of, principal
from tests.support.keys import MASTERS
from tests.support.service import desk_on, now
from tests.workflow.decisions import BURDENED

DECLINE = ("--reason", "Debts exceed what the income carries.", "--code", "AA09")


@pytest.fixture(autouse=True)
def _settings(service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", "k1:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s")
    monkeypatch.setenv("LENDGATE_DATA_KEY", "m1:" + "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0")


@pytest.fixture
def referral_id(service_url: str) -> str:
    """The referral of a new application of the tenant ``local``."""

    async def make() -> str:
        async with Database(service_url, size=2, masters=MASTERS) as database:
            desk, caller = desk_on(database), principal()
            accepted = await accept_application(desk, BURDENED, caller, metadata_of(caller, now()))
            return (await carry_out(desk, accepted)).review_id

    review_id = asyncio.run(make())
    queue = json.loads(referrals("list", "--json", "--limit", "1000").stdout)
    return str(next(one["referral_id"] for one in queue if one["review_id"] == review_id))


def referrals(*arguments: str) -> Result:
    """Run ``lendgate referrals``."""
    return CliRunner().invoke(referrals_app, list(arguments))


def decisions(*arguments: str) -> Result:
    """Run ``lendgate decisions``."""
    return CliRunner().invoke(decisions_app, list(arguments))


def ask_for_correction(service_url: str, review_id: str, text: str) -> None:
    """As the broker does."""

    async def ask() -> None:
        async with Database(service_url, size=2, masters=MASTERS) as database:
            wanted = SupportCorrection(review_id=review_id, kind="correction", text=text)
            await open_request(desk_on(database), principal(), wanted)

    asyncio.run(ask())


def decided(referral_id: str) -> dict[str, Any]:
    """The decision of a decline."""
    done = referrals("decide", referral_id, "decline", *DECLINE, "--as", "ada", "--json")
    assert done.exit_code == 0, said(done)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def test_what_the_broker_asked_for_is_shown(referral_id: str, service_url: str) -> None:
    """What kind, how it stands, by when, and the words."""
    review_id = json.loads(referrals("show", referral_id, "--json").stdout)["referral"]["review_id"]
    ask_for_correction(service_url, review_id, "The income is [b]69,000[/b].")
    shown = " ".join(referrals("show", referral_id).stdout.split())
    assert "correction, open, due on" in shown
    assert "The income is [b]69,000[/b]." in shown


def test_a_case_is_listed_shown_claimed_and_decided(referral_id: str) -> None:
    """The whole way, by its id."""
    assert referral_id[:8] in referrals("list", "--limit", "1000").stdout
    shown = referrals("show", referral_id).stdout
    assert "AA09 Excessive obligations in relation to income (must be told of a decline)" in shown
    assert "debt_to_income" in shown
    assert "ada holds it until" in said(referrals("claim", referral_id, "--as", "ada"))
    held = referrals("claim", referral_id, "--as", "bo")
    assert (held.exit_code, "ada holds this referral" in said(held)) == (1, True)
    made = decided(referral_id)
    assert [reason["code"] for reason in made["reasons"]] == ["AA09"]
    assert decisions("show", made["review_id"]).exit_code == 0


def test_a_stale_version_is_refused(referral_id: str) -> None:
    """Whoever names the version they read is held to it."""
    referrals("claim", referral_id, "--as", "ada")
    stale = referrals("claim", referral_id, "--as", "ada", "--version", "1")
    assert (stale.exit_code, "has changed" in said(stale)) == (1, True)


def test_a_verdict_that_cannot_be_says_what_to_mend(referral_id: str) -> None:
    """An unknown action, a missing code, an unsupported one: exit 1 and a sentence."""
    reason = ("--reason", "Debts exceed what the income carries.", "--as", "ada")
    unknown = referrals("decide", referral_id, "reject", *reason)
    bare = referrals("decide", referral_id, "decline", *reason)
    unsupported = referrals("decide", referral_id, "decline", *reason, "--code", "AA21")
    assert [one.exit_code for one in (unknown, bare, unsupported)] == [1, 1, 1]
    assert "must be one of: approve" in said(unknown)
    assert "name the principal reasons" in said(bare)
    assert "do not support AA21" in said(unsupported)


def test_above_policy_a_second_underwriter_confirms(referral_id: str) -> None:
    """The first hears that it waits, the second makes the decision."""
    arguments = ("decide", referral_id, "approve", "--reason", "Strong savings over years.")
    override = ("--override", "compensating_factors")
    assert "another underwriter has to confirm" in said(referrals(*arguments, *override, "--as", "ada"))
    own = referrals(*arguments, *override, "--as", "ada")
    assert (own.exit_code, "You proposed this" in said(own)) == (1, True)
    assert "The application is approved" in referrals(*arguments, *override, "--as", "bo").stdout


def test_a_counteroffer_carries_its_terms(referral_id: str) -> None:
    """Amount, term and rate by options."""
    terms = ("--amount", "5000", "--term", "24", "--rate", "0.0999", "--override", "policy_exception")
    arguments = ("decide", referral_id, "counteroffer", *DECLINE, *terms)
    referrals(*arguments, "--as", "ada")
    made = json.loads(referrals(*arguments, "--as", "bo", "--json").stdout)
    assert made["counteroffer"] == {"amount": 5000, "term_months": 24, "annual_rate": 0.0999}


@pytest.mark.parametrize(("name", "begins"), [("n.html", b"<!doctype html>"), ("n.pdf", b"%PDF")])
def test_a_notice_is_written_to_a_file(name: str, begins: bytes, referral_id: str, tmp_path: Path) -> None:
    """By the ending of its name."""
    made = decided(referral_id)
    file = tmp_path / name
    assert "Form C-1" in said(decisions("notice", made["decision_id"], str(file)))
    assert file.read_bytes().startswith(begins)


def test_a_decision_is_made_again(referral_id: str, tmp_path: Path) -> None:
    """Byte for byte under its own policy; with another one, what would change."""
    made = decided(referral_id)
    again = decisions("replay", made["decision_id"])
    assert (again.exit_code, "byte for byte: facts, findings, review, decision, notice" in said(again)) == (
        0,
        True,
    )
    assert json.loads(decisions("replay", made["review_id"], "--json").stdout)["differs"] == []
    milder = tmp_path / "milder.yaml"
    milder.write_bytes(load_packs()["personal_loan"].content.replace(b"0.50", b"0.90", 1))
    would = decisions("replay", made["decision_id"], "--policy", str(milder))
    assert "outcome: ineligible → refer" in would.stdout
    assert "debt_to_income" in would.stdout


def test_every_decision_is_made_again(referral_id: str) -> None:
    """All of the tenant's, from a day on; none from a day that is to come."""
    decided(referral_id)
    everything, none = decisions("replay-all"), decisions("replay-all", "--since", "2099-01-01")
    assert (everything.exit_code, none.exit_code) == (0, 0)
    assert "decisions, byte for byte" in said(everything)
    assert "0 decisions" in said(none)


def test_a_request_for_reasons_has_its_day(referral_id: str) -> None:
    """Noted, due, and given."""
    review_id = decided(referral_id)["review_id"]
    assert "to be given by 2" in said(decisions("ask-reasons", review_id))
    assert decisions("reasons-given", review_id).exit_code == 0


def test_what_is_not_there_is_said_to_be_not_there() -> None:
    """For every command that takes an id."""
    nothing = str(uuid4())
    for done in (
        referrals("show", nothing),
        referrals("claim", nothing, "--as", "ada"),
        decisions("show", nothing),
        decisions("replay", nothing),
    ):
        assert (done.exit_code, "no " in said(done)) == (1, True)
