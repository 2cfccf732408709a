"""An application that asks for one address all the time and notices what it gets: answers, losses, and when they change."""

import socket
import struct
import threading
import time

ANSWER_TIMEOUT_S = 1
_HEADER = struct.Struct("!HHHHHH")


class Application:
    """Asks for `name`'s A record every `interval_s` from its namespace, in a thread of its own, until stop()."""

    def __init__(self, namespace, server, name, interval_s=0.002):
        with namespace.inside():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((server, 53))
        self._socket.setblocking(False)
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        self._question = labels + b"\0" + struct.pack("!HH", 1, 1)
        self._interval_s = interval_s
        self._waiting = {}  # by message id: when it was sent
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.sent = self.answered = self.lost = 0
        self.first_seen = {}  # by address: when it was first answered, in the clock of time.monotonic
        self.latest = None
        self._thread.start()

    def outcomes(self):
        """(sent, answered, lost) of the queries whose outcome is known by now."""
        answered, lost = self.answered, self.lost
        return answered + lost, answered, lost

    def stop(self):
        """Waits for what is under way and returns (sent, answered, lost)."""
        self._stopping.set()
        self._thread.join()
        self._socket.close()
        return self.sent, self.answered, self.lost

    def _run(self):
        message_id = 0
        due = time.monotonic()
        while not self._stopping.is_set():
            message_id = (message_id + 1) & 0xFFFF
            self._waiting[message_id] = time.monotonic()
            self._socket.send(_HEADER.pack(message_id, 0, 1, 0, 0, 0) + self._question)
            self.sent += 1
            due = max(due + self._interval_s, time.monotonic())
            while time.monotonic() < due:
                self._receive()
                time.sleep(self._interval_s / 10)
            self._give_up()
        end = time.monotonic() + ANSWER_TIMEOUT_S
        while self._waiting and time.monotonic() < end:
            self._receive()
            time.sleep(self._interval_s)
        self.lost += len(self._waiting)

    def _receive(self):
        while True:
            try:
                message = self._socket.recv(512)
            except (BlockingIOError, ConnectionRefusedError):
                return
            message_id, flags, _, answers, _, _ = _HEADER.unpack_from(message)
            if self._waiting.pop(message_id, None) is None:
                continue
            if flags & 0xF or not answers:
                self.lost += 1  # a failure is no answer to an application
                continue
            self.answered += 1
            self.latest = socket.inet_ntoa(message[-4:])  # without EDNS, the record's address comes last
            self.first_seen.setdefault(self.latest, time.monotonic())

    def _give_up(self):
        limit = time.monotonic() - ANSWER_TIMEOUT_S
        for message_id in [key for key, sent in self._waiting.items() if sent < limit]:
            del self._waiting[message_id]
            self.lost += 1
