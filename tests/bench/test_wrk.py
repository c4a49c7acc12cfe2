"""wrk's script and summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.jobs import Job, Said, get, post
from bench.wrk import command, parse, script

PRINTED = """Running 2s test @ http://127.0.0.1:8787/
  1 threads and 16 connections
  Requests/sec:   7595.00
lendgate-bench 15190 2000321 2104 31877 3 1
"""


def test_the_summary_is_read_from_our_own_line() -> None:
    """Microseconds become seconds; status and socket errors stay apart."""
    assert parse(PRINTED) == Said(15_190, 2.000321, 0.002104, 0.031877, refused=3, broken=1)


def test_a_run_without_a_summary_is_an_error() -> None:
    """A wrk that could not connect prints no summary; no figure is made up."""
    with pytest.raises(ValueError, match="unable to connect"):
        parse("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_the_script_quotes_what_it_sends() -> None:
    """Line ends, quotes and backslashes of a request survive as Lua text."""
    job = Job(8787, post("/validate", b'{"a":"\\""}', ["one", "two"]), 16, 2)
    written = script(job)
    assert '"one", "two"' in written
    assert r'"POST /validate HTTP/1.1\r\nhost: gate\r\n' in written
    assert r'"\r\n\r\n{\"a\":\"\\\"\"}"' in written


def test_wrk_is_called_with_one_thread_and_whole_seconds() -> None:
    """Less than a second becomes one: wrk knows no shorter run."""
    called = command("/usr/bin/wrk", Path("job.lua"), Job(8787, get("/"), 16, 0.2))
    assert called[1:4] == ["--threads=1", "--connections=16", "--duration=1s"]
    assert called[-1] == "http://127.0.0.1:8787/"
