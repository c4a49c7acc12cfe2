"""A sample belongs to the innermost layer, whatever a library does below it."""

from __future__ import annotations

import pytest

from bench.layers import OTHERWISE, layer_of


@pytest.mark.parametrize(
    ("modules", "layer"),
    [
        (["json.encoder", "lendgate.store.reviews", "lendgate.workflow.review"], "store and its driver"),
        (["psycopg.cursor_async", "lendgate.store.jobs", "procrastinate.worker"], "store and its driver"),
        (["lendgate.policy.evaluate", "lendgate.workflow.underwrite"], "policy and recommendation"),
        (["pydantic.main", "lendgate.analysis.prose", "lendgate.workflow.review"], "memo"),
        (["procrastinate.worker", "asyncio.events"], "queue engine"),
        (["lendgate.workflow.queue", "procrastinate.worker"], "workflow"),
        (["starlette.routing", "uvicorn.protocols.http.httptools_impl"], "HTTP"),
        (["storehouse.reviews", "asyncio.runners", "__main__"], OTHERWISE),
        ([], OTHERWISE),
    ],
)
def test_a_sample_belongs_to_its_innermost_layer(modules: list[str], layer: str) -> None:
    """Libraries of nobody's are counted to who called them."""
    assert layer_of(iter(modules)) == layer
