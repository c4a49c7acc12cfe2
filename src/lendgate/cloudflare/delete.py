"""Taking the Worker away.

Law: first it is said what would be lost, by name; nothing is removed without ``force``. What leads to the
Worker goes first, so no address is left pointing at nothing. Running it again finds nothing to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from lendgate.cloudflare.actual import Actual
from lendgate.cloudflare.api.addresses import detach_domain, remove_route
from lendgate.cloudflare.api.failures import RefusedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.traffic import Say


@dataclass(frozen=True, slots=True)
class Loss:
    """What would be lost with the Worker."""

    exists: bool
    versions: int
    secrets: tuple[str, ...]
    durable_objects: tuple[str, ...]
    """Classes; every object of theirs and its data."""
    domains: tuple[str, ...]
    routes: tuple[str, ...]
    used_by: tuple[str, ...]
    """Other Workers and queues that refer to it and would break."""

    @property
    def nothing(self) -> bool:
        """There is nothing left to remove."""
        return not (self.exists or self.domains or self.routes)

    def lines(self) -> list[str]:
        """The losses, one a line."""
        found = [f"{self.versions} versions of the code"] if self.exists else []
        found += [f"the secret {name}: its value cannot be read back" for name in self.secrets]
        found += [f"all Durable Objects of {name} with their data" for name in self.durable_objects]
        found += [f"the custom domain {name}: requests to it end" for name in self.domains]
        found += [f"the route {pattern}: requests to it end" for pattern in self.routes]
        return found + [f"{name} uses this Worker and would break" for name in self.used_by]


async def count_loss(worker: Worker, actual: Actual) -> Loss:
    """What deleting would take away."""
    live = actual.live
    return Loss(
        exists=live is not None,
        versions=len(live.versions) if live else 0,
        secrets=tuple(sorted(live.secrets)) if live else (),
        durable_objects=tuple(str(n.class_name) for n in live.namespaces) if live else (),
        domains=tuple(domain.hostname for domain in actual.domains),
        routes=tuple(route.pattern for route in actual.routes),
        used_by=await _used_by(worker) if live else (),
    )


async def delete(worker: Worker, actual: Actual, say: Say) -> None:
    """Remove routes, domains and the Worker; what is gone already is no error."""
    for route in actual.routes:
        await remove_route(worker.api, route)
        say(f"removed the route {route.pattern}")
    for domain in actual.domains:
        await detach_domain(worker.api, domain.id)
        say(f"detached the domain {domain.hostname}")
    if actual.live is None:
        return
    try:
        await worker.delete()
    except RefusedError as error:
        if not error.absent:
            raise
    say(f"deleted the Worker {worker.name}")


async def _used_by(worker: Worker) -> tuple[str, ...]:
    record = await worker.record()
    if record is None:
        return ()
    references = record.references
    names = [item.name or item.worker_name for item in [*references.workers, *references.durable_objects]]
    workers = [f"the Worker {name}" for name in names if name not in {"", worker.name}]
    queues = [f"the queue {item.queue_name}" for item in references.queues if item.queue_name]
    return tuple(dict.fromkeys([*workers, *queues]))
