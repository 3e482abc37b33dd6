"""Write constraints.txt anew: the newest versions that pyproject.toml allows, from a fresh environment.

A pip freeze of a working environment would pin whatever else was ever tried in it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# The whole development environment, pinned: `pip install -c constraints.txt -e ".[dev]"` gives the same everywhere.
# Written by `make constraints`.
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--editable", f"{ROOT}[dev,bench]"], check=True)
        frozen = subprocess.run(
            [python, "-m", "pip", "freeze", "--exclude-editable"], check=True, capture_output=True, text=True
        ).stdout
    pins = [line for line in frozen.splitlines() if "==" in line]  # never a path or an address
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(sorted(pins, key=str.lower)) + "\n", encoding="utf-8")
    print(f"{len(pins)} packages pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
