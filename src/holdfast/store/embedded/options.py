"""PostgreSQL settings of the embedded store: the defaults, and what a caller may add."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from holdfast.kit.errors import Misconfigured

OPTIONS_SETTING = "HOLDFAST_POSTGRES_OPTIONS"

# Written to the configuration file at each start. The first three are the promise. The log settings keep
# rows and statements, and with them what students wrote, out of the log. The amount of WAL between
# checkpoints decides how long recovery takes: some 200 MB are replayed in a second, and a killed server
# should be back within three.
_DEFAULTS: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "384MB",
    "min_wal_size": "80MB",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "unix_socket_permissions": "0700",
}

# Before recovery PostgreSQL makes sure that all its files are on disk. One by one that took 1 to 5 s on a
# busy 2-core machine, with one call per file system under 0.2 s. Only Linux has that call; kernels before
# 5.8 do not report a failed write to it.
_DEFAULTS_ON_LINUX: Mapping[str, str] = {"recovery_init_sync_method": "syncfs"}

# Where the server listens and finds its files is decided here and nowhere else.
FIXED = frozenset(
    {
        "cluster_name",
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "logging_collector",
        "port",
        "unix_socket_directories",
        "unix_socket_group",
        "unix_socket_permissions",
    }
)

_NAME = re.compile(r"[a-z_][a-z0-9_.]*")


def parse_options(text: str) -> dict[str, str]:
    """Read `a=b;c=d` as the environment variable `HOLDFAST_POSTGRES_OPTIONS` holds it.

    Raises:
        Misconfigured: a part has no `=`, or a name is not allowed.
    """
    options: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        name, equals, value = part.partition("=")
        if not equals:
            raise Misconfigured(f"{part!r} is not of the form name=value.", field=OPTIONS_SETTING)
        options[name.strip()] = value.strip()
    return checked(options)


def checked(options: Mapping[str, str]) -> dict[str, str]:
    """The options with lower-case names, after a look at the names; values are PostgreSQL's to judge.

    Raises:
        Misconfigured: a name is malformed or is one of `FIXED`.
    """
    lowered = {name.lower(): value for name, value in options.items()}
    for name, value in lowered.items():
        if not _NAME.fullmatch(name) or "\n" in value or "\0" in value:
            raise Misconfigured(f"{name!r} is not a PostgreSQL setting.", field=OPTIONS_SETTING)
        if name in FIXED:
            raise Misconfigured(
                f"{name} cannot be set for the embedded PostgreSQL. "
                "Set DATABASE_URL to use a server of your own.",
                field=OPTIONS_SETTING,
            )
    return lowered


def configuration() -> str:
    """The text of the configuration file with the defaults for this system."""
    defaults = {**_DEFAULTS, **(_DEFAULTS_ON_LINUX if sys.platform == "linux" else {})}
    head = "# Holdfast writes this file at each start. To change a setting use ALTER SYSTEM\n"
    head += f"# or the environment variable {OPTIONS_SETTING} (name=value;name=value).\n"
    return head + "".join(f"{name} = '{value}'\n" for name, value in defaults.items())
