"""How many new projects PyPI lets a user and an address make: 20 and 40 in an hour."""

from __future__ import annotations

import threading
import time

WINDOW_SECONDS = 3600
PER_USER = 20
PER_ADDRESS = 40


class NewProjects:
    """The new projects of the last hour. They are forgotten when the twin ends."""

    def __init__(self) -> None:
        self._made: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def hit(self, user: str, address: str) -> None:
        """Count a new project, also where its upload fails later: PyPI does."""
        with self._lock:
            for key in _keys(user, address):
                self._made.setdefault(key, []).append(time.time())

    def exhausted(self, user: str, address: str) -> bool:
        """Whether one more is one too many."""
        return any(self._left(key)[0] <= 0 for key in _keys(user, address))

    def headers(self, user: str, address: str) -> dict[str, str]:
        """The headers that say how many are left (`r`) and for how many seconds (`t`)."""
        by_user, by_address = (self._left(key) for key in _keys(user, address))
        policy = f"q={{}};w={WINDOW_SECONDS};pk=:{{}}:"
        return {
            "RateLimit-Policy": f'"project.create.ip";{policy.format(PER_ADDRESS, "ip")}, '
            f'"project.create.user";{policy.format(PER_USER, "user")}',
            "RateLimit": f'"project.create.ip";r={by_address[0]};t={by_address[1]}, '
            f'"project.create.user";r={by_user[0]};t={by_user[1]}',
        }

    def forget(self) -> None:
        """Begin a new hour."""
        with self._lock:
            self._made.clear()

    def _left(self, key: str) -> tuple[int, int]:
        limit = PER_USER if key.startswith("user:") else PER_ADDRESS
        now = time.time()
        with self._lock:
            recent = [at for at in self._made.get(key, ()) if now - at < WINDOW_SECONDS]
        left = WINDOW_SECONDS - int(now - recent[0]) if recent else WINDOW_SECONDS
        return limit - len(recent), left


def _keys(user: str, address: str) -> tuple[str, str]:
    return f"user:{user}", f"ip:{address}"
