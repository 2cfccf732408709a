"""The daemon inside the guest: its configuration, its start, and understudyctl."""

import json

from lib.scenario import Failure
from lib.understudy import to_yaml

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10

SOCKET = "/run/understudy.sock"
_SERVER = {"identity": "nic.test", "state": "/var/lib/understudy", "control": SOCKET, "log": "debug"}


def config(**parts):
    """A configuration's text, completed by what every test wants."""
    return to_yaml({"server": {**_SERVER, **parts.pop("server", {})}, **parts})


class Daemon:
    """One run of understudyd; its log goes to the guest's console."""

    def __init__(self, guest, config_file):
        self._guest = guest
        # Whatever becomes of it is told on the console.
        guest.run(f"(understudyd --config {config_file}; echo \"understudyd: exit $?\" >/run/ended) "
                  ">/dev/console 2>&1 & echo started")
        guest.wait_for(f"test -e /run/ended || understudyctl --socket {SOCKET} status", START_TIMEOUT_S,
                       "the daemon serves")
        code, text = guest.run("cat /run/ended", check=False)
        if code == 0:
            raise Failure(f"{text.strip()}; see the guest's log")

    def json(self, *words):
        """understudyctl for programs."""
        _, output = self._guest.run(f"understudyctl --socket {SOCKET} --json {' '.join(words)}")
        return json.loads(output)

    def stop(self):
        """SIGTERM; returns the line with its exit code."""
        self._guest.run("kill -TERM $(pidof understudyd)")
        return self._guest.wait_for("cat /run/ended && rm /run/ended", STOP_TIMEOUT_S, "the daemon ends").strip()
