"""The far end of Alertmanager: a webhook that keeps every notification, and what a drill asks of them."""
import http.server
import json
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Arrival:
    """One alert in one notification."""
    at: float
    receiver: str  # page, ticket, watchdog
    firing: bool
    labels: dict
    text: str

    @property
    def name(self):
        return self.labels["alertname"]

    def __str__(self):
        where = " ".join(f"{key}={value}" for key, value in sorted(self.labels.items())
                         if key in ("domain", "role", "server", "port", "subject", "instance", "window"))
        return f"{self.name} {where}".strip()


class Pager:
    def __init__(self, address):
        self.arrivals = []
        self._lock = threading.Lock()
        pager = self

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                pager.take(self.path.strip("/"), body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(address, Hook)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def take(self, receiver, body):
        now = time.monotonic()
        with self._lock:
            for alert in body["alerts"]:
                self.arrivals.append(Arrival(now, receiver, alert["status"] == "firing", alert["labels"],
                                             " ".join(alert["annotations"].get("description", "").split())))

    def since(self, start, receiver, firing=True):
        with self._lock:
            return [one for one in self.arrivals
                    if one.at >= start and one.receiver == receiver and one.firing == firing]

    def still_firing(self, receiver):
        """The alerts whose last word was not that they are over."""
        last = {}
        with self._lock:
            for one in self.arrivals:
                if one.receiver == receiver:
                    last[tuple(sorted(one.labels.items()))] = one
        return [one for one in last.values() if one.firing]
