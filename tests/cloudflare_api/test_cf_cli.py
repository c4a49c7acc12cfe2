"""The commands, run as an operator runs them: a Worker's life, exit codes, JSON, and no secret anywhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lendgate.cli import edge_session
from lendgate.cli.edge import edge_app
from lendgate.cloudflare.standin.app import Fault
from lendgate.cloudflare.standin.state import EVERYTHING, Token
from tests.cloudflare_api.lab import (
    ACCOUNT,
    BROKER,
    CODE,
    NAME,
    SECRET,
    TOKEN,
    FastClock,
    Lab,
    variables,
    write_checkout,
)

CHANGED = CODE.replace(b"one", b"two")


@dataclass
class Operator:
    """Somebody at a terminal with a checkout and credentials."""

    lab: Lab
    checkout: Path
    seen: list[str]
    """Everything that was printed and logged."""
    environ: dict[str, str]

    def run(self, *arguments: str, given: str | None = None) -> Result:
        command, *rest = arguments
        words = [command, *rest]
        result = CliRunner().invoke(edge_app, words, input=given, env=self.environ)
        self.seen += [" ".join(words), result.stdout, result.stderr, repr(result.exception)]
        return result

    def on(self, *arguments: str, bundle: bool = True, gate: bool = True) -> Result:
        """Run a command on this checkout's files."""
        files = ["--config", str(self.checkout / "wrangler.jsonc")]
        files += ["--bundle", str(self.checkout)] if bundle else []
        files += ["--gate-url", self.lab.gate_url] if gate else []
        return self.run(*arguments, *files)

    def json(self, *arguments: str, bundle: bool = True, gate: bool = True, code: int = 0) -> Any:
        result = self.on(*arguments, "--json", bundle=bundle, gate=gate)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def operator(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Operator:
    """An operator in an empty directory; everything that is logged is kept."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(edge_session, "system_clock", FastClock().clock)
    environ = {
        "CLOUDFLARE_API_TOKEN": TOKEN,
        "CLOUDFLARE_ACCOUNT_ID": ACCOUNT,
        "CLOUDFLARE_API_BASE_URL": f"{lab.url}/client/v4",
        "LENDGATE_TOKEN": BROKER,
        "ORIGIN_SIGNING_KEY": SECRET,
    }
    return Operator(lab, write_checkout(tmp_path / "edge"), [], environ)


def test_a_workers_life(operator: Operator) -> None:
    """Plan, deploy, change, canary, promote, roll back, rotate, delete; each run again is harmless."""
    lab = operator.lab
    assert operator.json("plan", "--exit-code", gate=False, code=2)["exists"] is False
    for _ in range(2):
        assert operator.json("deploy", "--yes")["plan"]["worker"] == NAME
    assert operator.json("plan", "--exit-code", gate=False)["changes"] == []

    write_checkout(operator.checkout, CHANGED)
    (change,) = operator.json("plan", gate=False)["changes"]
    assert (change["action"], change["part"]) == ("change", "code")
    assert operator.json("status", gate=False, code=1)["in_step"] is False
    for _ in range(2):
        operator.json("deploy", "--percent", "10", "--yes")
        assert lab.shares == {1: 90, 2: 10}
    for _ in range(2):
        operator.json("promote", "2", "--yes", bundle=False)
        assert lab.shares == {2: 100}
    assert operator.json("status", gate=False)["in_step"] is True
    for _ in range(2):
        operator.json("rollback", "1", "--yes", bundle=False)
        assert lab.shares == {1: 100}

    operator.json("promote", "2", "--yes", bundle=False)
    for _ in range(2):
        assert operator.json("keys", "rotate", "--key-id", "edge-2", "--yes", code=5)["stage"] == "waiting"
    lab.app.gate.origin_keys.add("edge-2")
    assert operator.json("keys", "rotate", "--key-id", "edge-2", "--yes")["stage"] == "done"
    assert operator.json("keys", "rotate", "--key-id", "edge-2", "--yes")["stage"] == "was done"
    assert len(lab.script.versions) == 3

    assert operator.json("delete", bundle=False, gate=False, code=1)["deleted"] is False
    assert NAME in lab.state.scripts
    assert operator.json("delete", "--force", bundle=False, gate=False)["deleted"] is True
    assert operator.json("delete", "--force", bundle=False, gate=False)["nothing"] is True
    assert lab.state.scripts == {}


def test_no_secret_anywhere(operator: Operator, caplog: pytest.LogCaptureFixture) -> None:
    """No secret is in what any command prints, logs, is given as argument or leaves on disk."""
    lab = operator.lab
    lab.state.tail_url += "/private-address-of-the-log"
    commands: list[Callable[[], Result]] = [
        lambda: operator.on("plan", gate=False),
        lambda: operator.on("deploy", "--yes"),
        lambda: operator.on("deploy", "--yes", "--secret", "ORIGIN_SIGNING_KEY"),
        lambda: operator.on("status", gate=False),
        lambda: operator.on("versions", bundle=False, gate=False),
        lambda: operator.on("secrets", "list", bundle=False, gate=False),
        lambda: operator.run(
            *("secrets", "set", "MORE", "--config", str(operator.checkout / "wrangler.jsonc")),
            given="typed-in-secret\n",
        ),
        lambda: operator.on("keys", "rotate", "--key-id", "edge-2", "--yes"),
        lambda: operator.on(*("keys", "rotate", "--key-id", "edge-3", "--algorithm", "hmac-sha256", "--yes")),
        lambda: operator.on("tail", bundle=False, gate=False),
        lambda: operator.on("rollback", "--yes", bundle=False),
        lambda: operator.on("doctor", bundle=False),
        lambda: operator.on("delete", "--force", bundle=False, gate=False),
    ]
    echo = f"bad: {SECRET} {TOKEN} {BROKER}"
    for command in commands:
        lab.app.faults = [
            Fault("refuse", "PUT", "secrets$", status=400, code=10021, message="bad: typed-in-secret"),
            Fault("refuse", "P", status=400, code=10021, message=echo),
        ]
        command()
        lab.app.faults = [Fault("refuse", status=400, code=10021, message=echo)]
        command()
        lab.app.faults = []
        command()

    private = [
        json.loads(text)["d"]
        for script in lab.state.scripts.values()
        for version in script.versions
        if (text := version.text("ORIGIN_SIGNING_KEY") or "").startswith("{")
    ]
    files = [
        path.read_text(encoding="utf-8") for path in operator.checkout.parent.rglob("*") if path.is_file()
    ]
    everything = "\n".join([*operator.seen, caplog.text, *files])
    assert "[secret]" in everything
    for secret in (SECRET, TOKEN, "typed-in-secret", "private-address-of-the-log", *private):
        assert secret not in everything
    # The broker's token of these tests is also an ordinary word of help texts only when quoted.
    assert f"Bearer {BROKER}" not in everything


def test_deploy_makes_an_ed25519_key(operator: Operator) -> None:
    """Without a key and with Ed25519 in the file the pair is made, and its public half is told."""
    del operator.environ["ORIGIN_SIGNING_KEY"]
    write_checkout(operator.checkout, vars=variables(ORIGIN_SIGNING_ALG="ed25519"))

    told = json.loads(operator.json("deploy", "--yes")["for_origin"])

    secret = json.loads(operator.lab.script.versions[0].text("ORIGIN_SIGNING_KEY") or "")
    assert told == {"edge-1": {"alg": "ed25519", "key": secret["x"]}}
    assert operator.json("status", gate=False)["public_key"] == secret["x"]
    assert secret["d"] not in "".join(operator.seen)


def test_missing_secret(operator: Operator) -> None:
    """A shared key that nobody supplied stops the deploy with what to set."""
    del operator.environ["ORIGIN_SIGNING_KEY"]
    result = operator.on("deploy", "--yes")
    assert result.exit_code == 1
    assert "needs ORIGIN_SIGNING_KEY" in result.stderr


def test_nobody_to_ask(operator: Operator) -> None:
    """Without a terminal and without --yes nothing is changed."""
    result = operator.on("deploy")
    assert result.exit_code == 4
    assert "pass --yes" in result.stderr
    assert operator.lab.state.scripts == {}


def test_failed_check_says_what_now(operator: Operator) -> None:
    """A version that does not work leaves with 1 and says where the traffic is and what to do."""
    operator.json("deploy", "--yes")
    operator.lab.app.gate.origin_up = False
    write_checkout(operator.checkout, CHANGED)

    result = operator.on("deploy", "--yes")

    assert result.exit_code == 1
    assert "its origin does not answer" in result.stdout
    assert "got no more traffic" in result.stderr
    assert operator.lab.shares == {1: 100, 2: 0}


def test_failed_first_deploy_says_what_now(operator: Operator) -> None:
    """A first version has all the traffic there is; the message says so."""
    operator.lab.app.gate.origin_up = False
    result = operator.on("deploy", "--yes")
    assert result.exit_code == 1
    assert "has all the traffic" in result.stderr


@pytest.mark.parametrize(
    ("environ", "code", "words"),
    [
        ({"CLOUDFLARE_API_TOKEN": ""}, 4, "CLOUDFLARE_API_TOKEN is set and empty"),
        ({"CLOUDFLARE_ACCOUNT_ID": "x"}, 4, "must be 32 characters"),
        ({"CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:1"}, 3, "Nothing was sent"),
        ({"CLOUDFLARE_API_TOKEN": "unknown-token"}, 1, "lendgate edge doctor"),
    ],
)
def test_exit_codes(operator: Operator, environ: dict[str, str], code: int, words: str) -> None:
    """Settings, network and refusals have codes of their own."""
    operator.environ |= environ
    result = operator.on("plan", gate=False)
    assert result.exit_code == code
    assert words in result.stderr


def test_files_that_cannot_be_used(operator: Operator, tmp_path: Path) -> None:
    """A missing file and a bundle that is not the built one are told by name."""
    gone = operator.run("plan", "--config", str(tmp_path / "gone.jsonc"), "--bundle", str(operator.checkout))
    (operator.checkout / "gate.js").write_bytes(b"other code")
    other = operator.on("plan", gate=False)
    assert (gone.exit_code, other.exit_code) == (4, 4)
    assert "gone.jsonc cannot be read" in gone.stderr.replace("\n", "")
    assert "does not have its recorded hash" in other.stderr.replace("\n", " ")


def test_the_checkouts_file_is_the_default(operator: Operator) -> None:
    """In a checkout edge/wrangler.jsonc is read without being named."""
    result = operator.run("plan", "--bundle", str(operator.checkout))
    assert result.exit_code == 0
    assert f"+ worker {NAME}" in result.stdout


def test_plain_http_gate_is_refused(operator: Operator) -> None:
    """A broker's token does not travel in the open."""
    result = operator.run("doctor", "--gate-url", "http://gate.lender.example")
    assert result.exit_code == 4
    assert "must begin with https://" in result.stderr


def test_secret_from_standard_input(operator: Operator) -> None:
    """A value may be piped in; it is set and not shown."""
    operator.json("deploy", "--yes")
    result = operator.run(
        *("secrets", "set", "JWKS_TOKEN", "--config", str(operator.checkout / "wrangler.jsonc")),
        given="typed-in-secret\n",
    )
    assert result.exit_code == 0
    assert operator.lab.script.versions[-1].text("JWKS_TOKEN") == "typed-in-secret"
    assert "typed-in-secret" not in result.output
    listed = operator.json("secrets", "list", bundle=False, gate=False)["secrets"]
    assert {"name": "JWKS_TOKEN", "on_worker": True, "required": False} in listed


def test_no_value_for_a_secret(operator: Operator) -> None:
    """Nothing on standard input is no secret."""
    result = operator.run("secrets", "set", "JWKS_TOKEN", given="")
    assert result.exit_code == 4
    assert "no value" in result.stderr


def test_tail(operator: Operator) -> None:
    """Live lines as JSON, one a line."""
    operator.json("deploy", "--yes")
    operator.lab.app.log_events = [{"outcome": "ok", "eventTimestamp": 1_795_348_800_000}]
    result = operator.on("tail", "--json", bundle=False, gate=False)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "ok"
    assert "following lendgate-gate" in result.stderr


def test_versions_as_a_table(operator: Operator) -> None:
    """People see numbers, traffic and who it was."""
    operator.json("deploy", "--yes")
    result = operator.on("versions", bundle=False, gate=False)
    assert "100 %" in result.stdout
    assert operator.json("versions", bundle=False, gate=False)["versions"][0]["number"] == 1


def _doctor(operator: Operator, **environ: str) -> tuple[int, list[dict[str, str]]]:
    operator.environ |= environ
    result = operator.on("doctor", "--json", bundle=False)
    found = json.loads(result.stdout)["findings"]
    return result.exit_code, [finding for finding in found if finding["verdict"] == "problem"]


def test_doctor_finds_nothing(operator: Operator) -> None:
    """After a deploy everything is well, but for this machine's clock, which the stand-in's is not."""
    operator.json("deploy", "--yes")
    _, problems = _doctor(operator)
    assert [problem["check"] for problem in problems if problem["check"] != "clock"] == []


def test_five_troubles_five_answers(operator: Operator) -> None:
    """Bad token, missing permission, wrong account, absent Worker, unreachable origin: all told apart."""
    lab = operator.lab
    good = dict(operator.environ)

    def first(**environ: str) -> str:
        operator.environ = dict(good)
        code, problems = _doctor(operator, **environ)
        assert code == 1
        return f"{problems[0]['says']} {problems[0]['do']}"

    absent = first()
    operator.environ = dict(good)
    operator.json("deploy", "--yes")
    bad_token = first(CLOUDFLARE_API_TOKEN="not-a-token-at-all")
    wrong_account = first(CLOUDFLARE_ACCOUNT_ID="f" * 32)
    lab.state.tokens["reader"] = Token(account_id=ACCOUNT, may=EVERYTHING - {"scripts:read", "scripts:edit"})
    no_permission = first(CLOUDFLARE_API_TOKEN="reader")
    lab.app.gate.origin_up = False
    operator.environ = dict(good)
    _, problems = _doctor(operator)
    (no_origin,) = [problem for problem in problems if problem["check"] == "gate and origin"]

    assert "does not know this token" in bad_token
    assert 'Add "Account > Workers Scripts > Edit"' in no_permission
    assert "does not reach the account" in wrong_account
    assert "`lendgate edge deploy` makes it" in absent
    assert "its origin does not answer" in no_origin["says"]
    assert len({bad_token, no_permission, wrong_account, absent, no_origin["says"]}) == 5


def test_doctor_shows_people_what_to_do(operator: Operator) -> None:
    """For people each problem has its mend below it."""
    result = operator.on("doctor", bundle=False)
    assert result.exit_code == 1
    assert "there is no Worker lendgate-gate" in result.stdout
    assert "--env chooses the environment" in result.stdout


def test_people_read_text(operator: Operator) -> None:
    """Without --json the same things are said in lines for people."""
    first = operator.on("plan", gate=False).stdout
    operator.json("deploy", "--yes")
    write_checkout(operator.checkout, CHANGED, vars=variables(ORIGIN_URL="https://origin.example"))
    status = operator.on("status", gate=False)
    secrets = operator.on("secrets", "list", bundle=False, gate=False).stdout
    rotation = operator.on("keys", "rotate", "--key-id", "edge-1", "--yes")
    loss = operator.on("delete", bundle=False, gate=False)
    operator.on("delete", "--force", bundle=False, gate=False)
    gone = operator.on("delete", bundle=False, gate=False)
    assert "+ secret ORIGIN_SIGNING_KEY" in first
    assert "~ variable ORIGIN_URL: https://origin.example" in status.stdout
    assert (status.exit_code, "signing key  edge-1" in status.stdout) == (1, True)
    assert secrets == "ORIGIN_SIGNING_KEY  set, required\n"
    assert "the Worker signs with edge-1 already" in rotation.stdout
    assert (loss.exit_code, "all Durable Objects of BrokerLimiter with their data" in loss.stdout) == (
        1,
        True,
    )
    assert (gone.exit_code, gone.stdout) == (0, "nothing to delete\n")
    assert "is not deployed" in operator.on("status", gate=False).stdout
