"""Receives QuantaPilot's webhooks and prints their events. Python 3.9 or later, standard library only.

    WEBHOOK_SECRETS=whsec_... PORT=8080 python3 scripts/receivers/receiver.py

WEBHOOK_SECRETS       what POST /subscriptions answered as secret; during a rotation old and new, separated by a space
WEBHOOK_PLAIN_SECRET  the secret of the header X-QuantaPilot-Secret, if the subscription has one
HOST, PORT            where to listen; 127.0.0.1 and 8080 by default, 0 for any free port

Whatever of the two secrets is set must be right. Put a proxy with TLS in front of anything but loopback.
"""

import base64
import binascii
import collections
import hashlib
import hmac
import http.server
import json
import os
import re
import sys
import threading
import time

TOLERANCE = 5 * 60  # Seconds, as Standard Webhooks says: an older request may be one that somebody sends again.
LARGEST = 1024 * 1024
REMEMBERED = 10_000


def stop(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def key_of(secret):
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith("whsec_") or len(key) < 24:
        stop("A secret in WEBHOOK_SECRETS is not whsec_ and base64 of 24 bytes or more.")
    return key


KEYS = [key_of(secret) for secret in re.split(r"[\s,]+", os.environ.get("WEBHOOK_SECRETS", "")) if secret]
PLAIN_SECRET = os.environ.get("WEBHOOK_PLAIN_SECRET", "")


def is_genuine(headers, body):
    """Whether the request comes from QuantaPilot, unchanged and just now."""
    if PLAIN_SECRET and not equal(headers.get("X-QuantaPilot-Secret", ""), PLAIN_SECRET):
        return False
    if not KEYS:
        return True
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    signed = f"{message_id}.{timestamp}.".encode("latin-1") + body
    expected = ["v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in KEYS]
    # During a rotation there are several signatures: one that fits is enough.
    given = headers.get("webhook-signature", "").split(" ")
    return any(equal(signature, candidate) for signature in given for candidate in expected)


def equal(a, b):
    """In constant time."""
    return hmac.compare_digest(a.encode("latin-1", "replace"), b.encode("latin-1", "replace"))


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # Seconds that a sender may be silent for.
    seen = collections.OrderedDict()
    lock = threading.Lock()

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,10}", length):
            return self.answer(411, close=True)
        if int(length) > LARGEST:
            return self.answer(413, close=True)
        body = self.rfile.read(int(length))
        if not is_genuine(self.headers, body):
            return self.answer(401)
        try:
            event = json.loads(body)
            event_id, event_type, data = event["id"], event["type"], json.dumps(event["data"], separators=(",", ":"))
        except (ValueError, KeyError, TypeError):
            return self.answer(400)
        # Events come at least once: the id tells the repeats.
        with self.lock:
            word = "repeated" if event_id in self.seen else "received"
            self.seen[event_id] = True
            if len(self.seen) > REMEMBERED:
                self.seen.popitem(last=False)
        print(word, event_id, event_type, data, flush=True)
        return self.answer(204)

    def do_GET(self):
        self.answer(405, ("Allow", "POST"))

    def answer(self, status, header=None, close=False):
        self.send_response(status)
        if header:
            self.send_header(*header)
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        """The events are the output."""


def main():
    if not KEYS and not PLAIN_SECRET:
        stop("Set WEBHOOK_SECRETS or WEBHOOK_PLAIN_SECRET: without one anybody could send events.")
    server = http.server.ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))), Receiver)
    print("listening on http://{}:{}".format(*server.server_address[:2]), flush=True)
    server.serve_forever()


main()
