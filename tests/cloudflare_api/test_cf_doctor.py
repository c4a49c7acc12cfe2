"""The doctor: different troubles get different, correct answers, each with its mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lendgate.cloudflare.api.credentials import Credentials
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Checked
from lendgate.cloudflare.doctor import Examined, clock_finding, examine, gate_finding
from lendgate.cloudflare.findings import Finding
from lendgate.cloudflare.standin.app import Fault
from lendgate.cloudflare.standin.state import EVERYTHING, Token
from tests.cloudflare_api.lab import ACCOUNT, NAME, TOKEN, Lab, make_desired

pytestmark = pytest.mark.anyio
OTHER_ACCOUNT = "f" * 32
EDIT = "Account > Workers Scripts > Edit"


async def _examine(lab: Lab, token: str = TOKEN, account: str = ACCOUNT, **changes: Any) -> Examined:
    credentials: Credentials = lab.credentials(token, account)
    async with lab.worker(credentials) as worker:
        desired = make_desired(**changes)
        return await examine(Worker(worker.api, NAME), desired, account)


def _problems(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.verdict == "problem"]


def _may(lab: Lab, *grants: str) -> None:
    lab.state.tokens[TOKEN] = Token(account_id=ACCOUNT, may=frozenset(grants))


async def test_everything_is_well(lab: Lab) -> None:
    """A good token, a deployed Worker: every finding is well, and deeper checks make sense."""
    await lab.deploy()
    examined = await _examine(lab)
    assert _problems(examined.findings) == []
    assert examined.can_read
    assert {finding.verdict for finding in examined.findings} == {"ok"}


async def test_bad_token(lab: Lab) -> None:
    """A token Cloudflare does not know is the one finding; nothing else is tried."""
    examined = await _examine(lab, token="not-a-token-at-all")
    (problem,) = examined.findings
    assert problem.check == "token"
    assert "does not know this token" in problem.says
    assert "CLOUDFLARE_API_TOKEN" in problem.do
    assert not examined.can_read


@pytest.mark.parametrize("status", ["disabled", "expired"])
async def test_dead_token(lab: Lab, status: str) -> None:
    """A token that was good once is called what it is."""
    lab.state.tokens[TOKEN].status = status
    (problem,) = (await _examine(lab)).findings
    assert problem.says == f"the token is {status}"


async def test_token_of_an_account(lab: Lab) -> None:
    """A token that belongs to an account is verified where those are."""
    await lab.deploy()
    lab.state.tokens[TOKEN].owned_by_account = True
    examined = await _examine(lab)
    assert examined.findings[0].verdict == "ok"
    assert _problems(examined.findings) == []


async def test_no_permission_for_workers(lab: Lab) -> None:
    """A good token for the right account that may not read Workers lacks one permission, named."""
    await lab.deploy()
    _may(lab, "accounts", "tail", "zone")
    (problem,) = _problems((await _examine(lab)).findings)
    assert problem.check == EDIT
    assert "reaches the account, and may not read its Workers" in problem.says
    assert f'Add "{EDIT}"' in problem.do


async def test_no_permission_seen_by_another_call(lab: Lab) -> None:
    """Where accounts cannot be listed, another call of the account that works tells the two apart."""
    await lab.deploy()
    _may(lab, "tail")
    (problem,) = _problems((await _examine(lab)).findings)
    assert problem.check == EDIT


async def test_reading_only(lab: Lab) -> None:
    """A token that reads and may not write is found out by its own policies."""
    await lab.deploy()
    _may(lab, *(EVERYTHING - {"scripts:edit"}))
    (problem,) = _problems((await _examine(lab)).findings)
    assert problem.check == EDIT
    assert "policies do not allow it to change them" in problem.says


async def test_right_to_write_unknown(lab: Lab) -> None:
    """A token that may not read its own policies is not called good or bad."""
    await lab.deploy()
    _may(lab, *(EVERYTHING - {"tokens"}))
    findings = (await _examine(lab)).findings
    (unknown,) = [finding for finding in findings if finding.verdict == "unknown"]
    assert unknown.check == EDIT
    assert "10000" in unknown.do


async def test_wrong_account(lab: Lab) -> None:
    """A good token and another account's id: the id is the finding, with the ones the token reaches."""
    await lab.deploy()
    (problem,) = _problems((await _examine(lab, account=OTHER_ACCOUNT)).findings)
    assert problem.check == "account"
    assert f"does not reach the account {OTHER_ACCOUNT}" in problem.says
    assert ACCOUNT in problem.do


async def test_account_or_permission(lab: Lab) -> None:
    """Where every call is refused and nothing can be listed, the doctor says that it cannot tell."""
    await lab.deploy()
    _may(lab)
    (problem,) = _problems((await _examine(lab)).findings)
    assert "Cloudflare does not say whether" in problem.says
    assert "CLOUDFLARE_ACCOUNT_ID" in problem.do


async def test_malformed_account(lab: Lab) -> None:
    """An id Cloudflare cannot route to is the account's finding."""
    (problem,) = _problems((await _examine(lab, account="x" * 32)).findings)
    assert problem.check == "account"


async def test_absent_worker(lab: Lab) -> None:
    """Nothing deployed yet is told with the command that does it."""
    examined = await _examine(lab)
    (problem,) = _problems(examined.findings)
    assert problem.check == "worker"
    assert "`lendgate edge deploy` makes it" in problem.do
    assert not examined.can_read


async def test_missing_secret(lab: Lab) -> None:
    """A secret the file requires and the Worker lacks is named."""
    await lab.deploy()
    (problem,) = _problems(
        (await _examine(lab, secrets={"required": ["ORIGIN_SIGNING_KEY", "MORE"]})).findings
    )
    assert problem.says == "the Worker lacks MORE"


async def test_no_permission_for_live_logs(lab: Lab) -> None:
    """Each further permission is a finding of its own, with what it is for."""
    await lab.deploy()
    _may(lab, *(EVERYTHING - {"tail"}))
    (problem,) = _problems((await _examine(lab)).findings)
    assert problem.check == "Account > Workers Tail > Read"
    assert "`lendgate edge tail` needs it" in problem.says


@pytest.mark.parametrize(
    ("grants", "check"),
    [
        (EVERYTHING - {"routes"}, "Zone > Workers Routes > Read"),
        (EVERYTHING - {"zone"}, "Zone > Zone > Read"),
    ],
)
async def test_zone_permissions(lab: Lab, grants: frozenset[str], check: str) -> None:
    """What addresses need is tried in their zones."""
    await lab.deploy()
    _may(lab, *grants)
    (problem,) = _problems((await _examine(lab, routes=["api.lender.example/*"])).findings)
    assert problem.check == check


async def test_zones(lab: Lab) -> None:
    """A hostname's zone is found, or said to be missing."""
    await lab.deploy()
    routes = ["api.lender.example/*", "api.other.example/*"]
    findings = (await _examine(lab, routes=routes)).findings
    assert [finding.verdict for finding in findings if finding.check == "zone"] == ["ok", "problem"]


@pytest.mark.parametrize(
    ("service", "grants", "check", "verdict"),
    [
        ("known", EVERYTHING, "Account > Connectivity Directory > Bind", "ok"),
        ("unknown", EVERYTHING, "vpc service", "problem"),
        ("known", EVERYTHING - {"vpc"}, "Account > Connectivity Directory > Bind", "problem"),
    ],
)
async def test_vpc_service(lab: Lab, service: str, grants: frozenset[str], check: str, verdict: str) -> None:
    """A bound VPC service is looked up, because binding it needs a permission of its own."""
    await lab.deploy()
    lab.state.vpc_services.add("known")
    _may(lab, *grants)
    vpc = [{"binding": "ORIGIN", "service_id": service}]
    last = (await _examine(lab, vpc_services=vpc)).findings[-1]
    assert (last.check, last.verdict) == (check, verdict)


async def test_cloudflare_unreachable(lab: Lab) -> None:
    """Without a network the token is not blamed."""
    lab.url = "http://127.0.0.1:1"
    (problem,) = (await _examine(lab)).findings
    assert "cannot be reached" in problem.says
    assert "network" in problem.do


async def test_passing_trouble_is_waited_out(lab: Lab) -> None:
    """An internal error of Cloudflare in between is no finding."""
    await lab.deploy()
    lab.app.faults = [Fault("refuse", times=3)]
    assert _problems((await _examine(lab)).findings) == []


@pytest.mark.parametrize(("skew", "verdict"), [(0, "ok"), (5, "ok"), (5.1, "problem"), (-90, "problem")])
def test_clock(skew: float, verdict: str) -> None:
    """Five seconds are tolerated, as the origin does."""
    assert clock_finding(1_000_000 + skew, 1_000_000).verdict == verdict


def test_clock_without_a_date() -> None:
    """No date, no judgement."""
    assert clock_finding(0, None).verdict == "unknown"


@pytest.mark.parametrize(
    ("verdict", "finding"), [("works", "ok"), ("fails", "problem"), ("not asked", "unknown")]
)
def test_gate_finding(verdict: str, finding: str) -> None:
    """What the gate said becomes a finding."""
    assert gate_finding(Checked(verdict, "x")).verdict == finding  # type: ignore[arg-type]  # parametrised
