"""Asking the gate itself whether it works: ``/readyz``, then one signed round trip to the origin.

Law: it only asks. The question names the version (Cloudflare's version override), so a version is asked
before it takes traffic. A round trip needs a broker's token; it asks for a review that cannot exist, and
"not found" from the origin is the proof that the origin accepted the Worker's signature.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from lendgate.cloudflare.api.pace import Clock
from lendgate.cloudflare.desired import Desired

OVERRIDE: Final = "Cloudflare-Workers-Version-Overrides"
TRIES: Final = 5
"""A change takes some seconds to be everywhere: 1 + 2 + 4 + 8 are waited before the answer is no."""

Verdict = Literal["works", "fails", "not asked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a version answered."""

    verdict: Verdict
    says: str
    do: str = ""
    signed: bool = False
    """The origin accepted a request this version signed."""


Check = Callable[[str], Awaitable[Checked]]
"""Asks the version with this id."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Where the gate is asked, and as whom; ``url`` is ``None`` when the Worker has no address."""

    url: str | None
    worker: str
    token: str | None = field(default=None, repr=False)
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Asked:
    """Which version is asked; without one, whichever answers. ``edge_version`` is how it names itself."""

    version_id: str | None = None
    edge_version: str | None = None


class _Answer(BaseModel):
    """The gate's readiness, or a problem."""

    model_config = ConfigDict(extra="ignore")

    type: str = ""
    reason: str = ""
    origin: str = ""
    edge_version: str = ""

    @property
    def kind(self) -> str:
        return self.type.rsplit(":", maxsplit=1)[-1]


def gate_url(desired: Desired, account_subdomain: str | None) -> str | None:
    """Where every path reaches the Worker: a custom domain, a whole-host route, or workers.dev."""
    if desired.domains:
        return f"https://{desired.domains[0]}"
    for route in desired.routes:
        pattern = route.pattern.removeprefix("https://")
        if pattern == f"{route.hostname}/*":
            return f"https://{route.hostname}"
    if desired.workers_dev and account_subdomain:
        return f"https://{desired.worker}.{account_subdomain}.workers.dev"
    return None


async def ask(
    http: httpx.AsyncClient, gate: Gate, asked: Asked, clock: Clock, *, tries: int = TRIES
) -> Checked:
    """Ask a version whether it works; repeats while a change may still be on its way."""
    if gate.url is None:
        return Checked(
            "not asked",
            "the Worker has no address that every path leads to",
            "Add a custom domain to wrangler.jsonc or turn workers_dev on.",
        )
    checked = await _ask_once(http, gate, asked)
    for attempt in range(tries - 1):
        if checked.verdict == "works":
            break
        await clock.sleep(2.0**attempt)
        checked = await _ask_once(http, gate, asked)
    return checked


async def _ask_once(http: httpx.AsyncClient, gate: Gate, asked: Asked) -> Checked:
    headers = {OVERRIDE: f'{gate.worker}="{asked.version_id}"'} if asked.version_id else {}
    try:
        ready = _ready(gate, asked, await http.get(f"{gate.url}/readyz", headers=headers))
        if ready.verdict != "works" or gate.token is None:
            return ready
        review = f"{gate.url}/lending-review/{gate.new_id()}"
        bearer = {"Authorization": f"Bearer {gate.token}"}
        return _round_trip(gate, await http.get(review, headers=headers | bearer))
    except httpx.TransportError as cause:
        return Checked(
            "fails",
            f"{gate.url} cannot be reached ({type(cause).__name__})",
            "A new domain's certificate can take some minutes; then look at its DNS record.",
        )


def _ready(gate: Gate, asked: Asked, answer: httpx.Response) -> Checked:
    said = _read(answer)
    if asked.edge_version and said.edge_version and said.edge_version != asked.edge_version:
        return Checked(
            "fails",
            f"{gate.url} answered as {said.edge_version}, not as {asked.edge_version}",
            "It can take some seconds until a version answers everywhere: run the command again.",
        )
    if not answer.is_success:
        return _not_ready(gate, answer)
    return Checked(
        "works",
        f"{gate.url}/readyz says ready; the signature was not tried",
        "Set LENDGATE_TOKEN to a broker's token to try a signed round trip.",
    )


def _not_ready(gate: Gate, answer: httpx.Response) -> Checked:
    problem = _read(answer)
    if problem.kind == "origin-unavailable" or problem.origin == "not ready":
        return Checked(
            "fails",
            f"the gate runs and its origin does not answer {problem.reason}".rstrip(),
            "Check that the service runs and that ORIGIN_URL (or the ORIGIN binding) leads to it; see "
            "docs/how-to/connect-the-origin.md.",
        )
    if problem.kind == "gate-misconfigured":
        return Checked(
            "fails",
            f"the gate refuses its own settings: {problem.reason}",
            "Mend the variables in wrangler.jsonc.",
        )
    return Checked(
        "fails",
        f"{gate.url}/readyz answered {answer.status_code} {problem.reason}".rstrip(),
        "Read the Worker's log with `lendgate edge tail`.",
    )


def _round_trip(gate: Gate, answer: httpx.Response) -> Checked:
    problem = _read(answer)
    match problem.kind:
        case "not-found":
            return Checked("works", f"{gate.url} is ready and the origin accepts its signature", signed=True)
        case "unsigned-request":
            return Checked(
                "fails",
                f"the origin refuses the Worker's signature: {problem.reason}",
                "The origin's LENDGATE_EDGE_KEYS must hold the Worker's key under its key id, and both "
                "clocks must be right; `lendgate edge doctor` compares.",
            )
        case "unauthenticated" | "forbidden":
            return Checked(
                "works",
                f"the gate is ready; it refused LENDGATE_TOKEN ({problem.reason}), so the signature was not "
                "tried",
                "Set LENDGATE_TOKEN to a valid token with the scope review:read.",
            )
        case _:
            return _not_ready(gate, answer)


def _read(answer: httpx.Response) -> _Answer:
    try:
        return _Answer.model_validate_json(answer.content)
    except ValidationError:
        return _Answer()
