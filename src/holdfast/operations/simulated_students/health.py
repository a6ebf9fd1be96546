"""Whether a server is there, and how fast its clinical clock runs."""

from __future__ import annotations

from typing import Any

import httpx

from holdfast.kit.errors import StoreUnavailable


async def time_scale_of(base_url: str) -> float:
    """Clinical seconds per second at a server, as its health tells.

    Raises:
        StoreUnavailable: nobody healthy answers there.
    """
    found = await health(base_url)
    if found is None:
        raise StoreUnavailable(f"no Holdfast server answers at {base_url}")
    return float(found.get("timeScale", 1.0))


async def health(base_url: str, timeout_s: float = 3.0) -> dict[str, Any] | None:
    """What a server's health says, or none when no Holdfast server answers there."""
    try:
        async with httpx.AsyncClient(timeout=timeout_s) as client:
            response = await client.get(f"{base_url.rstrip('/')}/api/health")
            found = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return found if isinstance(found, dict) and "timeScale" in found else None
