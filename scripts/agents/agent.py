#!/usr/bin/env python3
"""An agent elsewhere for QuantaPilot: takes tasks over HTTP, works on them one after the other, and answers signed.

    QP_AGENT_SECRET_BUILD_FARM=whsec_... python3 agent.py 8080 ./work.sh

The command is run for each task in a new clone of the repository, with the task in QP_PROMPT (empty for documentation), QP_FEEDBACK and
QP_DOCS_PATH. What it changes is the answer; what it prints is its summary. Nothing needs to be installed but git.
"""
import base64, hashlib, hmac, json, os, queue, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["QP_AGENT_SECRET_BUILD_FARM"].removeprefix("whsec_"))
COMMAND = sys.argv[2:]
TASKS = queue.Queue()
SEEN = set()  # of this process; one that is to survive restarts keeps its tasks on disk before it accepts them
GIVEN_UP = set()


def sign(message_id, timestamp, body):
    return "v1," + base64.b64encode(hmac.new(KEY, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()


def is_signed(headers, body):
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    expected = sign(message_id, timestamp, body)
    return any(hmac.compare_digest(expected, given) for given in headers.get("webhook-signature", "").split(" "))


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_signed(self.headers, body):
            return self.answer(401)
        key = self.headers["Idempotency-Key"]
        if key not in SEEN:
            SEEN.add(key)
            TASKS.put((key, json.loads(body)))
        # On this host, so that a task that is given up can be told here.
        self.answer(202, {"task_url": f"http://{self.headers['Host']}/tasks/{key}"})

    def do_DELETE(self):
        if not is_signed(self.headers, b""):
            return self.answer(401)
        GIVEN_UP.add(self.path.rsplit("/", 1)[-1])
        self.answer(204)

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def call_back(task, answer):
    """Repeats it until it is confirmed, or refused for good."""
    body = json.dumps(answer).encode()
    delay = 1
    while True:
        message_id, timestamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
        request = urllib.request.Request(task["callback_url"], body, {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(message_id, timestamp, body),
        })
        try:
            urllib.request.urlopen(request, timeout=30).close()
            return
        except urllib.error.HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504):
                print(f"{error.code}: {error.read().decode()}", file=sys.stderr)
                return
        except OSError as error:
            print(error, file=sys.stderr)
        time.sleep(delay)
        delay = min(delay * 2, 300)


def git(directory, *arguments):
    return subprocess.run(["git", "-C", directory, *arguments], check=True, capture_output=True).stdout


def changed_files(directory):
    git(directory, "add", "--all")
    fields = git(directory, "diff", "--cached", "--no-renames", "--name-status", "-z").decode().split("\0")[:-1]
    files = []
    for status, path in zip(fields[::2], fields[1::2]):
        if status == "D":
            files.append({"path": path, "deleted": True})
        else:
            with open(os.path.join(directory, path), "rb") as file:
                files.append({"path": path, "content_base64": base64.b64encode(file.read()).decode()})
    return files


def work(task):
    with tempfile.TemporaryDirectory() as directory:
        git(directory, "clone", "--quiet", task["repository"], ".")
        git(directory, "checkout", "--quiet", "--detach", task["base_commit"])
        call_back(task, {"status": "running", "message": f"working on {task['base_commit'][:12]}"})
        environment = os.environ | {
            "QP_PROMPT": task["prompt"],
            "QP_FEEDBACK": task.get("feedback") or "",
            "QP_DOCS_PATH": task.get("documentation_path") or "",
        }
        done = subprocess.run(COMMAND, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            return {"status": "failed", "message": f"exit code {done.returncode}: {done.stdout[-3000:]}"}
        return {"status": "succeeded", "summary": done.stdout[-4000:], "files": changed_files(directory)}


def work_off():
    while True:
        key, task = TASKS.get()
        if key in GIVEN_UP:
            continue
        try:
            answer = work(task)
        except (OSError, subprocess.CalledProcessError) as error:
            answer = {"status": "failed", "message": str(error)[:3000]}
        if key not in GIVEN_UP:
            call_back(task, answer)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: agent.py PORT COMMAND [ARGUMENT...]")
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print(f"http://127.0.0.1:{server.server_port}/tasks", flush=True)
    threading.Thread(target=work_off, daemon=True).start()
    server.serve_forever()
