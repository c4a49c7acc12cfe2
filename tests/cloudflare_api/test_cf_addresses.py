"""Domains and routes: attached once, never taken from others without a word, removed only when asked."""

from __future__ import annotations

from typing import Any

import pytest

from lendgate.cloudflare.actual import read_actual
from lendgate.cloudflare.api.addresses import find_zone
from lendgate.cloudflare.api.failures import RefusedError, StoppedError
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.standin.state import EVERYTHING, Script, Token
from tests.cloudflare_api.lab import ACCOUNT, NAME, TOKEN, ZONE, Lab, first_wish, make_desired

pytestmark = pytest.mark.anyio
HOST = "gate.lender.example"
DOMAIN = make_desired(routes=[{"pattern": HOST, "custom_domain": True}])
ROUTE = make_desired(routes=[{"pattern": "api.lender.example/*", "zone_name": "lender.example"}])
WITH_SECRET = first_wish().secrets


def _other_domain(lab: Lab) -> None:
    lab.state.domains["d1"] = {"id": "d1", "hostname": HOST, "service": "shop", "zone_id": ZONE}


def _hostnames(lab: Lab) -> dict[Any, Any]:
    return {domain["hostname"]: domain["service"] for domain in lab.state.domains.values()}


async def test_domain_and_route(lab: Lab) -> None:
    """Both kinds of address are made and found again."""
    desired = make_desired(routes=[{"pattern": HOST, "custom_domain": True}, "api.lender.example/*"])
    await lab.deploy(desired)
    assert _hostnames(lab) == {HOST: NAME}
    assert [route["script"] for route in lab.state.routes[ZONE].values()] == [NAME]
    assert not (await lab.plan(desired)).changes


async def test_domain_of_another_worker_is_refused(lab: Lab) -> None:
    """An address in use stops the deploy before anything is changed."""
    _other_domain(lab)
    with pytest.raises(StoppedError, match=f"{HOST} is held by the Worker shop.*--take-over.*Nothing was"):
        await lab.deploy(DOMAIN)
    assert lab.state.scripts == {}


async def test_domain_is_taken_over_when_asked(lab: Lab) -> None:
    """With --take-over the domain moves."""
    _other_domain(lab)
    await lab.deploy(DOMAIN, Wish(secrets=WITH_SECRET, take_over=True))
    assert _hostnames(lab) == {HOST: NAME}
    assert any("took over: gate.lender.example is held by the Worker shop" in text for text in lab.said)


async def test_dns_record_is_refused_and_taken_over(lab: Lab) -> None:
    """A hostname with DNS records is theirs until the operator says otherwise."""
    lab.state.dns["r1"] = {"id": "r1", "type": "A", "name": HOST, "content": "192.0.2.7"}
    lab.state.dns["r2"] = {"id": "r2", "type": "TXT", "name": HOST, "content": "keep"}
    with pytest.raises(StoppedError, match=r"DNS: A 192\.0\.2\.7"):
        await lab.deploy(DOMAIN)

    del lab.state.dns["r2"]
    await lab.deploy(DOMAIN, Wish(secrets=WITH_SECRET, take_over=True))

    assert lab.state.dns == {}
    assert _hostnames(lab) == {HOST: NAME}


async def test_hidden_dns_record_is_told_by_cloudflare(lab: Lab) -> None:
    """A token that may not read DNS finds the conflict when it attaches; Cloudflare's word is explained."""
    lab.state.tokens[TOKEN] = Token(account_id=ACCOUNT, may=EVERYTHING - {"dns"})
    lab.state.dns["r1"] = {"id": "r1", "type": "A", "name": HOST, "content": "192.0.2.7"}
    with pytest.raises(RefusedError, match=r"The hostname has DNS records already. See --take-over"):
        await lab.deploy(DOMAIN)


async def test_route_of_another_worker(lab: Lab) -> None:
    """A route that leads elsewhere is refused, and turned over only when asked."""
    lab.state.routes[ZONE] = {"r": {"id": "r", "pattern": "api.lender.example/*", "script": "shop"}}
    with pytest.raises(StoppedError, match=r"api.lender.example/\* is held by the Worker shop"):
        await lab.deploy(ROUTE)

    await lab.deploy(ROUTE, Wish(secrets=WITH_SECRET, take_over=True))

    assert [route["script"] for route in lab.state.routes[ZONE].values()] == [NAME]


async def test_dropped_addresses_need_a_word(lab: Lab) -> None:
    """Addresses that are no longer in the file are removed only with --allow-destructive."""
    await lab.deploy(make_desired(routes=[{"pattern": HOST, "custom_domain": True}, "api.lender.example/*"]))
    bare = make_desired(routes=[{"pattern": "new.lender.example/*", "zone_id": ZONE}])

    with pytest.raises(StoppedError, match="lose something for good"):
        await lab.deploy(bare)
    await lab.deploy(bare, Wish(allow_destructive=True))

    assert lab.state.domains == {}
    assert [route["pattern"] for route in lab.state.routes[ZONE].values()] == ["new.lender.example/*"]


async def test_unknown_zone(lab: Lab) -> None:
    """A hostname in no visible zone is told with the permission that would show it."""
    async with lab.worker() as worker:
        with pytest.raises(StoppedError, match=r'no zone for a.b.other.example.*"Zone > Zone > Read"'):
            await find_zone(worker.api, "a.b.other.example")


async def test_longest_zone_wins(lab: Lab) -> None:
    """A zone of its own below another one is the one that is used."""
    lab.state.zones["sub.lender.example"] = "zone-sub"
    async with lab.worker() as worker:
        assert (await find_zone(worker.api, "gate.sub.lender.example")).id == "zone-sub"
        assert (await find_zone(worker.api, "gate.lender.example")).id == ZONE


async def test_no_workers_dev_name(lab: Lab) -> None:
    """An account without a workers.dev name is told where to choose one."""
    lab.state.subdomain = None
    with pytest.raises(RefusedError, match=r"no workers.dev name yet"):
        await lab.deploy()


async def test_worker_without_deployment(lab: Lab) -> None:
    """A Worker that was made and never deployed is read as one, and the first upload deploys it."""
    lab.state.scripts[NAME] = Script(NAME)
    async with lab.worker() as worker:
        actual = await read_actual(worker, make_desired())
        assert actual.live is not None
        assert actual.live.shares == ()
    await lab.deploy(wish=first_wish())
    assert lab.shares == {1: 100}
