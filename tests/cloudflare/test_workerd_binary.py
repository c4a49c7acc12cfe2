"""Which workerd is run, and the sentence for each way that it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from lendgate.cloudflare.leashed import CANNOT_RUN
from lendgate.cloudflare.workerd_binary import explain, find_workerd, platform_name
from lendgate.errors import RuntimeMissingError

LOG = Path("/data/workerd.log")


def executable(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def installed(checkout: Path) -> Path:
    return checkout / "edge/node_modules/@cloudflare" / f"workerd-{platform_name()}" / "bin/workerd"


def test_the_named_binary_comes_first_then_npms_then_the_path(tmp_path: Path) -> None:
    """Three places, in this order."""
    named = executable(tmp_path / "named/workerd")
    from_npm = executable(installed(tmp_path))
    on_path = executable(tmp_path / "bin/workerd")
    environ = {"LENDGATE_WORKERD": str(named), "PATH": str(on_path.parent)}
    assert find_workerd(environ, tmp_path) == named
    del environ["LENDGATE_WORKERD"]
    assert find_workerd(environ, tmp_path) == from_npm
    from_npm.unlink()
    assert find_workerd(environ, tmp_path) == on_path


def test_without_any_it_says_what_to_run(tmp_path: Path) -> None:
    """The mend is one command."""
    with pytest.raises(RuntimeMissingError, match="not installed: run `make setup`"):
        find_workerd({}, tmp_path)


def test_a_named_binary_that_is_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    """Who names a binary means that one."""
    executable(installed(tmp_path))
    with pytest.raises(RuntimeMissingError, match=r"LENDGATE_WORKERD names .* which is not a file"):
        find_workerd({"LENDGATE_WORKERD": str(tmp_path / "nowhere")}, tmp_path)


def test_a_binary_that_may_not_be_executed_says_what_to_run(tmp_path: Path) -> None:
    """Some archives lose the mode."""
    path = executable(installed(tmp_path), 0o644)
    with pytest.raises(RuntimeMissingError, match=f"not executable: run `chmod \\+x {path}`"):
        find_workerd({}, tmp_path)


@pytest.mark.parametrize(
    ("printed", "code", "sentence"),
    [
        (
            "workerd: /lib/libc.so.6: version `GLIBC_2.35' not found (required by workerd)",
            1,
            "needs glibc 2.35 or newer",
        ),
        ("cannot run /x/workerd: No such file or directory\n", CANNOT_RUN, "not musl"),
        ('Socket "http": bind(): Address already in use (os error 98)', 1, "port is in use already"),
        ("first\nlast words\n\n", 3, "code 3: last words (see /data/workerd.log)"),
        ("Uncaught Error: x\n  at gate.js:1\nserver.rs:4: warning: y\n", 1, "code 1: Uncaught Error: x ("),
        ("", -9, "code -9: it printed nothing"),
    ],
)
def test_every_way_to_fail_is_one_sentence(printed: str, code: int, sentence: str) -> None:
    """What workerd printed becomes what to do; what is not known points to the log."""
    said = explain(printed, code, LOG)
    assert sentence in said
    assert "\n" not in said
