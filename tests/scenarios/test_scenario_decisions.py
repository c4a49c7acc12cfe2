"""From an application at the gate to its notice, by the hands of underwriters, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.scenarios.conftest import Mint
from tests.support.edge_hand import JSON
from tests.support.served import Served, speaking_to
from tests.workflow.decisions import BURDENED

pytestmark = pytest.mark.live
REASON = "Debts exceed what the income carries."
DECLINE = {"action": "decline", "reason": REASON, "codes": ["AA09"]}


@pytest.fixture
def desk(platform: Served, mint: Mint) -> Iterator[httpx.Client]:
    """The lender's own desk at the gate."""
    token = mint("referrals:read", "referrals:decide", broker_id="own-desk")
    with speaking_to(platform.worker, token) as client:
        yield client


@pytest.fixture
def referral(gate: httpx.Client, desk: httpx.Client) -> dict[str, str]:
    """The referral of an application that the gate took just now."""
    made = gate.post("/lending-review", content=BURDENED, headers=JSON).json()
    cursor = ""
    while True:
        page = desk.get(f"/referrals{cursor}").json()
        for one in page["referrals"]:
            if one["review_id"] == made["review_id"]:
                return dict(one)
        cursor = f"?cursor={page['next']}"


def test_a_decline_from_the_gate_to_the_notice(
    gate: httpx.Client, desk: httpx.Client, referral: dict[str, str]
) -> None:
    """Claimed and decided by ETag through the Worker; the broker reads decision, page and file."""
    path, review = f"/referrals/{referral['referral_id']}", f"/lending-review/{referral['review_id']}"
    read = desk.get(path)
    claimed = desk.post(f"{path}/claim", json={}, headers={"if-match": read.headers["etag"]})
    stale = desk.post(f"{path}/decide", json=DECLINE, headers={"if-match": read.headers["etag"]})
    bare = desk.post(f"{path}/decide", json=DECLINE)
    done = desk.post(f"{path}/decide", json=DECLINE, headers={"if-match": claimed.headers["etag"]})
    assert [one.status_code for one in (read, claimed, stale, bare, done)] == [200, 200, 412, 428, 200]
    decision = gate.get(f"{review}/decision")
    assert [reason["code"] for reason in decision.json()["reasons"]] == ["AA09"]
    assert REASON not in decision.text
    known = gate.get(f"{review}/decision", headers={"if-none-match": decision.headers["etag"]})
    assert known.status_code == 304
    page = gate.get(f"{review}/notice", headers={"accept": "text/html"})
    file = gate.get(f"{review}/notice", headers={"accept": "application/pdf"})
    assert "Excessive obligations in relation to income" in page.text
    assert (page.headers["content-type"].partition(";")[0], file.content[:4]) == ("text/html", b"%PDF")


def test_a_broker_is_no_underwriter_and_another_lender_sees_nothing(
    platform: Served, mint: Mint, referral: dict[str, str]
) -> None:
    """403 for a broker's token, 404 for another tenant's underwriter, at every door."""
    path = f"/referrals/{referral['referral_id']}"
    other = mint("referrals:read", "referrals:decide", tenant="elsewhere", broker_id="own-desk")
    own = mint("review:write", "review:read", broker_id=referral["broker_id"])
    with speaking_to(platform.worker, own) as broker, speaking_to(platform.worker, other) as stranger:
        assert broker.get("/referrals").status_code == 403
        assert broker.post(f"{path}/decide", json=DECLINE, headers={"if-match": '"1"'}).status_code == 403
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/claim", json={}, headers={"if-match": '"1"'}).status_code == 404
        assert stranger.get("/referrals").json()["referrals"] == []
