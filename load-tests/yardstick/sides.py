"""The two servers under measurement: how each is given its data, started, and spoken to.

Both get the same population: conversation c, phone 55119<c>, is assigned to attendant c % A.
Everything that listens does so on the loopback interface; what is started here is ended here.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CONVERSATIONS = 20_000
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# Whatever proxy the environment names.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unfit(Exception):
    """Nothing can be measured like this."""


def run(command, **options):
    """What a command prints; its complaint if it fails."""
    done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if done.returncode != 0:
        raise Unfit(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


class Cluster:
    """The PostgreSQL that both use, one after the other."""

    def __init__(self, psql, url, socket, pid):
        self.psql, self.url, self.socket, self.pid = psql, url, socket, pid

    def ask(self, statement, database="postgres", url=None):
        return self.run(url or f"{self.url}/{database}", "-c", statement).strip()

    def run(self, url, *arguments):
        """psql; a password in the address goes through the environment."""
        parts = urllib.parse.urlsplit(url)
        where = f"{parts.username}@{parts.hostname}:{parts.port}"
        url = urllib.parse.urlunsplit(parts._replace(netloc=where))
        environment = dict(os.environ)
        if parts.password:
            environment["PGPASSWORD"] = urllib.parse.unquote(parts.password)
        command = [self.psql, "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", url]
        return run([*command, *arguments], env=environment)

    def create(self, database):
        self.ask(f"drop database if exists {database} with (force)")
        self.ask(f"create database {database}")

    def settle(self, database):
        """Neither side starts on stale statistics or pays for the other's dirty pages."""
        self.ask("vacuum analyze", database)
        self.ask("checkpoint", database)

    def demand_durability(self, url):
        """Refuses unless a session of this role on this database waits for the disk."""
        for setting in DURABLE:
            value = self.ask(f"show {setting}", url=url)
            if value != "on":
                where = url.rsplit("@", 1)[-1]
                raise Unfit(f"refusing to measure: {setting} is {value} for a session on {where}")

    def flushes(self):
        """How often the log was forced to disk so far: what commits that wait cause."""
        if int(self.ask("show server_version_num")) >= 180000:
            return int(self.ask("select sum(fsyncs) from pg_stat_io where object = 'wal'"))
        return int(self.ask("select wal_sync from pg_stat_wal"))


class Side:
    """A server. Subclasses say what it is made of."""

    name = ""
    # How often a frame repeats a message's text: the probe counts each as a delivery.
    mentions = 1

    def __init__(self, cluster, work, port):
        self.cluster, self.work, self.port = cluster, work, port
        self.address = f"127.0.0.1:{port}"
        self.process = None

    def prepare(self, attendants):
        """A fresh database with this many attendants."""
        raise NotImplementedError

    def command(self):
        """What to run, and in which environment."""
        raise NotImplementedError

    def health(self):
        raise NotImplementedError

    def processes(self):
        """Names and ids of the processes whose work is counted."""
        return {"app": self.process.pid, "pg": self.cluster.pid}

    @contextlib.contextmanager
    def running(self):
        """The server, freshly started, while the block runs."""
        command, environment = self.command()
        log = self.work / f"{self.name}.log"
        with open(log, "ab") as out:
            # The kernel ends it if this program is killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *command],
                env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )
        try:
            self._wait(log)
            yield
        finally:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def _wait(self, log):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Unfit(f"{self.name} ended at its start; see {log}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                DIRECT.open(f"http://{self.address}{self.health()}", timeout=2).read()
                return
            time.sleep(0.1)
        raise Unfit(f"{self.name} does not answer; see {log}")

    def write_adapter(self, source, tokens, socket):
        adapter = json.loads(source.read_text())
        adapter["base"] = self.address
        adapter["ws"]["url"] = f"ws://{self.address}{socket}"
        adapter["tokens_file"] = f"{self.name}-tokens.txt"
        # A constant would win over the file.
        adapter.pop("vars", None)
        (self.work / adapter["tokens_file"]).write_text("\n".join(tokens) + "\n")
        self.adapter = self.work / f"{self.name}.json"
        self.adapter.write_text(json.dumps(adapter))


class Reference(Side):
    """Node, Express, Socket.IO, pg, ioredis; acknowledges after COMMIT."""

    name = "reference"

    def __init__(self, cluster, work, port, modules, redis_port, redis_pid):
        super().__init__(cluster, work, port)
        self.modules, self.redis_port, self.redis_pid = modules, redis_port, redis_pid

    def prepare(self, attendants):
        self.cluster.create("reference")
        url = f"{self.cluster.url}/reference"
        schema = HERE / "reference" / "schema.sql"
        self.cluster.run(url, "-f", str(schema))
        self.cluster.settle("reference")
        self.cluster.demand_durability(url)
        self.write_adapter(
            HERE / "probe" / "adapters" / "seed-stack.json",
            [self._token(a) for a in range(attendants)],
            "/socket.io/?EIO=4&transport=websocket",
        )

    @staticmethod
    def _token(attendant):
        def part(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")

        user = f"00000000-0000-4000-9000-{attendant:012x}"
        head = part(b'{"alg":"HS256","typ":"JWT"}')
        signed = head + b"." + part(json.dumps({"userId": user}).encode())
        mac = hmac.new(b"bench-jwt", signed, hashlib.sha256).digest()
        return (signed + b"." + part(mac)).decode()

    def command(self):
        environment = {
            **os.environ,
            "NODE_ENV": "production",
            "MODE": "commit",
            "PORT": str(self.port),
            "LOGFILE": str(self.work / "reference-errors.log"),
            # A socket is the faster way, and the one its own figures were measured with.
            "PGHOST": self.cluster.socket,
            "PGPORT": str(urllib.parse.urlsplit(self.cluster.url).port),
            "PGDATABASE": "reference",
            "REDIS_PORT": str(self.redis_port),
        }
        return ["node", str(self.modules / "server.js")], environment

    def health(self):
        return "/health"

    def processes(self):
        return {**super().processes(), "redis": self.redis_pid}


class Papo(Side):
    """The binary of script/server, with its settings, which script/bench put into the
    environment."""

    name = "papo"
    # `text`, and the whole content in `body`.
    mentions = 2

    def __init__(self, cluster, work, port, binary):
        super().__init__(cluster, work, port)
        self.binary = binary

    def prepare(self, attendants):
        self.cluster.ask("drop database if exists papo with (force)")
        run([self.binary, "migrate"])
        seed = ["bench-seed", "--tenants", "1", "--conversations", str(CONVERSATIONS)]
        seed = json.loads(run([self.binary, *seed, "--attendants", str(attendants)]))
        self.cluster.settle("papo")
        for role in ("OWNER", "APP", "ENGINE"):
            self.cluster.demand_durability(os.environ[f"PAPO__DATABASE__{role}_URL"])
        tokens = [attendant["access_token"] for attendant in seed["attendants"]]
        self.write_adapter(HERE / "papo.json", tokens, "/ws")

    def command(self):
        return [self.binary, "server"], dict(os.environ)

    def health(self):
        return "/health/live"
