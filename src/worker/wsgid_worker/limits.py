"""What makes a worker ask for its replacement: requests served, memory, idleness; and scripts that have changed.

Numbers in, reasons out. Asked by the main thread, only while requests run or once when an idle time is over.
"""

import os
from time import monotonic

#: Memory and scripts are looked at this often, seconds: a changed script is noticed within a second of a request.
EVERY = 0.5


class Limits:
    """maximum-requests, maximum-memory, inactivity-timeout and script-reloading of one worker."""

    def __init__(self, configuration, applications):
        self._maximum_requests = configuration["maximumRequests"]
        if self._maximum_requests and configuration["maximumRequestsJitter"]:
            # Not by the module `random`, which would seed itself anew in each fork.
            self._maximum_requests += int.from_bytes(os.urandom(8), "big") % (configuration["maximumRequestsJitter"] + 1)
        self._maximum_memory = configuration["maximumMemoryBytes"]
        self._inactivity = configuration["inactivityTimeoutSeconds"]
        scripts = list({app.script.path: app.script for app in applications if app.script}.values())
        self._scripts = scripts if configuration["scriptReloading"] != "off" else []
        self._demands = configuration["scriptUser"], configuration["scriptGroup"], configuration["scriptDirectories"]
        self._guarded_scripts = scripts if self._demands != (None, None, None) else []
        self._on_demand = configuration["onDemand"]
        self._lead_time = self._born = 0.0
        self._last_activity = None
        self._served_at_activity = 0
        self._next_memory = 0.0
        self._next_scripts = 0.0

    def begin(self, load_seconds):
        """The worker serves from now on, after it has loaded for so long."""
        # How long a successor takes to come, about: it is asked for that much before the limit.
        self._lead_time = 0.02 + 2 * load_seconds
        self._born = monotonic()
        # As mod_wsgi's, the clock of inactivity-timeout starts with the first request: a worker that nobody uses is not
        # replaced again and again. One that is not replaced may go unused.
        self._last_activity = self._born if self._on_demand else None

    def look(self, now, pool):
        """The reason to retire, or None."""
        served = pool.served()
        if pool.any_busy() or served != self._served_at_activity:
            self._served_at_activity = served
            self._last_activity = now
        if self._maximum_memory and now >= self._next_memory:
            self._next_memory = now + EVERY
            if resident_bytes() > self._maximum_memory:
                return "maximum-memory"
        if self._inactivity and self._last_activity is not None and now - self._last_activity >= self._inactivity:
            return "inactivity-timeout"
        return None

    def idle_patience(self):
        """Milliseconds an idle worker may sleep; None: until something comes."""
        if not self._inactivity or self._last_activity is None:
            return None
        return max(1, int((self._last_activity + self._inactivity - monotonic()) * 1000) + 1)

    def changed_scripts(self, now, urgent):
        """Paths of scripts that are not what was loaded; looks at once if `urgent`."""
        if now < self._next_scripts and not urgent:
            return []
        self._next_scripts = now + EVERY
        self.check_scripts()
        return [script.path for script in self._scripts if script.changed()]

    def check_scripts(self):
        """Looks whether the scripts still belong to whom they must and stand where they must."""
        for script in self._guarded_scripts:
            script.check(*self._demands)

    def requests_spent(self, now, pool):
        """maximum-requests: whether the limit is reached, or will be by the time a successor is ready, so that hardly any is
        served beyond it. Never before half of it: a slow load must not make workers live ever shorter. Asked at each tick."""
        if not self._maximum_requests:
            return False
        served = pool.served()
        left = self._maximum_requests - served
        if left <= 0:
            return True
        pace = served / max(now - self._born, 0.001)
        return served * 2 >= self._maximum_requests and left <= pace * self._lead_time


def resident_bytes():
    """RSS of this process."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
