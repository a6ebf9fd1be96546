"""Pin all dependencies with hashes: one file for running, one for development, one for benchmarks.

Later files build on earlier ones, so that what is tested is what runs. Run by ``make lock``.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
UV = Path(sys.executable).parent / "uv"


def compile_(name: str, wanted: list[str], constraints: list[str]) -> None:
    """Resolve some requirements into ``name``.txt, under the versions of earlier files."""
    source = HERE / f"{name}.in"
    source.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    command = [str(UV), "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command += [argument for file in constraints for argument in ("--constraint", f"{file}.txt")]
    command += ["--output-file", f"{name}.txt", f"{name}.in"]
    try:
        subprocess.run(command, check=True, cwd=HERE)  # noqa: S603  # our own command, our own files
    finally:
        source.unlink()


def main() -> None:
    """Compile every file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    compile_("uv", ["uv"], [])
    compile_("build", [*project["build-system"]["requires"], "editables"], [])
    compile_("run", project["project"]["dependencies"], [])
    compile_("dev", [*groups["test"], *groups["check"]], ["run"])
    compile_("bench", groups["bench"], ["run", "dev"])


if __name__ == "__main__":
    main()
