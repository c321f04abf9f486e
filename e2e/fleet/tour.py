#!/usr/bin/env python3
"""Three workers of one queue of jobs, in three languages, while all around them breaks.

A Java program and `millstream work` with a shell command reach the server over proxies whose connections
are cut and go silent; boto3 does so over a third one. Jobs are submitted over HTTP meanwhile. Server and
workers are killed, and the Java program is stopped for longer than its leases last. Then everything is
left alone, and:

- every job was begun by somebody, and nothing is left in the queue or in the dead set;
- what the Java program puts besides is there once for each job that it completed, and never twice;
- of jobs that take a while each worker does its share.

MILLSTREAM is the script that runs it, MILLSTREAM_JAR the jar, JAVA the java for the worker. SEED draws
what breaks when.
"""

import collections
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

HERE = pathlib.Path(__file__).resolve().parent
MILLSTREAM, JAR, JAVA = (os.environ[name] for name in ("MILLSTREAM", "MILLSTREAM_JAR", "JAVA"))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
STORM_SECONDS = float(os.environ.get("STORM_SECONDS", "25"))
CALM_SECONDS_MAX = 90
SHARED_JOBS = 90
PATIENCE = 30


def check(holds, what):
    if not holds:
        raise SystemExit(f"FAILED (seed {SEED}): {what}")


class Proxy:
    """Passes on what comes to its port, unless it is silent; cuts all at once."""

    def __init__(self, target):
        self.target = target
        self.silent = threading.Event()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self.open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    def pass_on(self, one, other):
        try:
            while data := one.recv(65536):
                while self.silent.is_set():
                    time.sleep(0.05)
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            self.close(end)

    def close(self, end):
        self.open.discard(end)
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()

    def cut(self):
        for end in list(self.open):
            self.close(end)


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.http = self.aws = 0
        self.start()

    def start(self):
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [MILLSTREAM, "serve", "--data", str(self.folder / "data"), "--ready-file", str(ready)]
                + ["--http.port", str(self.http), "--aws.port", str(self.aws)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            check(time.monotonic() < deadline, "The server is not ready")
            check(self.process.poll() is None, "The server ended")
            time.sleep(0.05)
        ports = json.loads(ready.read_text())
        ports = ports.get("ports", ports)
        self.http, self.aws = int(ports["http"]), int(ports["aws"])

    def kill(self):
        kill(self.process)

    def ask(self, path, body, headers=()):
        """The answer; asked again, in the same words, until there is one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.http}/api/v1{path}",
                json.dumps(body).encode(),
                {"Content-Type": "application/json", **dict(headers)},
            )
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refused:
                text = refused.read().decode()
                check(refused.code in (429, 503), f"{path} answers {refused.code}: {text}")
            except OSError:
                pass
            check(time.monotonic() < deadline, f"Nobody answers {path}")
            time.sleep(0.1)

    def counts(self, queue):
        items = self.ask("/find", {"query": "queue_named", "name": queue})["items"]
        return items[0]["counts"] if items else {}

    def waiting(self, queue):
        counts = self.counts(queue)
        return sum(counts.get(name, 0) for name in ("ready", "leased", "delayed"))


def kill(process):
    """As kill -9 does, with all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


class Worker:
    """One worker process, begun again after it was killed."""

    def __init__(self, name, folder, command):
        self.name = name
        self.ledger = folder / f"{name}.begun"
        self.log = folder / f"{name}.log"
        self.command = [part.replace("LEDGER", str(self.ledger)) for part in command]
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def supervise(self):
        """One that finds no server when it begins ends, and is begun again."""
        if self.process.poll() is not None:
            self.start()

    def begun(self):
        return numbers(self.ledger)


def numbers(path):
    lines = path.read_text().split() if path.exists() else []
    return [int(line) for line in lines]


class Boto:
    """A worker in this process, with the official client; never killed, but cut off."""

    name = "boto3"

    def __init__(self, port):
        self.done = []
        self.stopping = threading.Event()
        self.sqs = boto3.client(
            "sqs",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="tour",
            aws_secret_access_key="tour",
            config=Config(retries={"max_attempts": 1}, connect_timeout=3, read_timeout=8),
        )
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def work(self):
        url = None
        while not self.stopping.is_set():
            try:
                url = url or self.sqs.get_queue_url(QueueName="fleet")["QueueUrl"]
                got = self.sqs.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=1, VisibilityTimeout=5
                )
                for message in got.get("Messages", []):
                    task = json.loads(message["Body"])
                    self.done.append(task["number"])
                    time.sleep(task["millis"] / 1000)
                    self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            except (BotoCoreError, ClientError, OSError):
                time.sleep(0.2)

    def begun(self):
        return list(self.done)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(20)


class Fleet:
    def __init__(self, folder):
        self.dice = random.Random(SEED)
        self.server = Server(folder)
        self.proxies = [Proxy(self.server.http), Proxy(self.server.http), Proxy(self.server.aws)]
        java, shell, aws = (proxy.port for proxy in self.proxies)
        self.submitted = 0
        self.submit(1, 0)
        self.workers = [
            Worker(
                "java",
                folder,
                [JAVA, "-Xmx128m", "-cp", JAR, str(HERE / "Worker.java"), f"http://127.0.0.1:{java}", "LEDGER"],
            ),
            Worker(
                "shell",
                folder,
                [MILLSTREAM, "work", "fleet", "--server", f"http://127.0.0.1:{shell}"]
                + ["--concurrency", "2", "--lease", "3s", "--", str(HERE / "work.sh"), "LEDGER"],
            ),
        ]
        self.boto = Boto(aws)

    def submit(self, jobs, millis):
        for _ in range(jobs):
            number = self.submitted
            self.submitted += 1
            self.server.ask(
                "/jobs",
                {"type": "fleet.task", "queue": "fleet", "payload": {"number": number, "millis": millis}},
                {"Idempotency-Key": f"task {number}"}.items(),
            )

    def storm(self):
        """Breaks something about once a second, while jobs come."""
        end = time.monotonic() + STORM_SECONDS
        broken = collections.Counter()
        while time.monotonic() < end:
            self.submit(20, self.dice.choice([0, 0, 5, 50]))
            what = self.dice.choice([self.kill_server, self.kill_worker, self.cut, self.silence, self.freeze])
            what()
            broken[what.__name__] += 1
            time.sleep(self.dice.random())
            self.supervise()
        return dict(broken)

    def supervise(self):
        for worker in self.workers:
            worker.supervise()

    def kill_server(self):
        self.server.kill()
        time.sleep(self.dice.random())
        self.server.start()

    def kill_worker(self):
        worker = self.dice.choice(self.workers)
        kill(worker.process)
        worker.start()

    def cut(self):
        self.dice.choice(self.proxies).cut()

    def silence(self):
        proxy = self.dice.choice(self.proxies)
        proxy.silent.set()
        threading.Timer(self.dice.uniform(0.5, 5), proxy.silent.clear).start()

    def freeze(self):
        """For longer than its leases last: what it settles then is stale."""
        process = self.workers[0].process
        process.send_signal(signal.SIGSTOP)

        def thaw():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)

        threading.Timer(self.dice.uniform(1, 5), thaw).start()

    def calm(self):
        deadline = time.monotonic() + CALM_SECONDS_MAX
        while left := self.server.waiting("fleet"):
            check(time.monotonic() < deadline, f"{left} jobs are stuck: {self.server.counts('fleet')}")
            self.supervise()
            time.sleep(0.2)

    def effects(self):
        """What is in the queue `effects`, page by page."""
        found, after = [], None
        while True:
            query = {"query": "browse", "queue": "effects", "body_bytes_max": 20, "limit": 1000}
            page = self.server.ask("/find", query | ({"after": after} if after else {}))
            found += [int(item["message"]["text"]) for item in page["items"]]
            after = page.get("next")
            if not after:
                return found

    def all_workers(self):
        return [*self.workers, self.boto]

    def require_done(self):
        begun = {worker.name: set(worker.begun()) for worker in self.all_workers()}
        missing = set(range(self.submitted)) - set().union(*begun.values())
        check(not missing, f"{len(missing)} jobs were begun by nobody, such as {sorted(missing)[:5]}")
        effects = collections.Counter(self.effects())
        twice = [number for number, times in effects.items() if times > 1]
        check(not twice, f"The effects of {twice[:5]} are there more than once")
        strange = set(effects) - begun["java"]
        check(not strange, f"There are effects of {sorted(strange)[:5]}, which Java has not begun")
        alone = begun["java"] - begun["shell"] - begun["boto3"] - set(effects)
        check(not alone, f"Java alone did {sorted(alone)[:5]}, and their effects are not there")
        dead = self.server.waiting("jobs.dead")
        check(dead == 0, f"{dead} jobs are dead")
        return {name: len(ones) for name, ones in begun.items()}

    def await_all(self):
        """Each worker begins something."""
        before = self.begun()
        deadline = time.monotonic() + PATIENCE
        while any(now == before[name] for name, now in self.begun().items()):
            check(time.monotonic() < deadline, f"Not all work: {before} and then {self.begun()}")
            self.supervise()
            self.submit(3, 20)

    def begun(self):
        return {worker.name: len(worker.begun()) for worker in self.all_workers()}

    def share(self):
        """Of jobs that take a while, each does about a third, as none holds what it has not begun."""
        self.await_all()
        self.calm()
        before = self.begun()
        self.submit(SHARED_JOBS, 200)
        self.calm()
        shares = {name: now - before[name] for name, now in self.begun().items()}
        least = SHARED_JOBS // 6
        check(min(shares.values()) >= least, f"Of {SHARED_JOBS} jobs some did fewer than {least}: {shares}")
        return shares

    def close(self):
        self.boto.stop()
        for worker in self.workers:
            kill(worker.process)
        self.server.kill()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fleet = Fleet(folder)
        try:
            fleet.await_all()
            broken = fleet.storm()
            fleet.calm()
            begun = fleet.require_done()
            shares = fleet.share()
            print(f"{fleet.submitted} jobs; {broken}; begun by {begun}; in calm {shares}")
        except BaseException:
            for log in sorted(folder.glob("*.log")):
                print(f"The end of {log.name}:\n{log.read_text()[-3000:]}", file=sys.stderr)
            raise
        finally:
            fleet.close()


if __name__ == "__main__":
    main()
