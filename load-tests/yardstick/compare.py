#!/usr/bin/env python3
"""Measures both servers with the probe and judges the ratios.

Called by script/bench, which has built everything and started PostgreSQL and Redis. Starts one
server at a time, so that neither pays for the other, on databases of the same cluster. Prints a
table and exits non-zero when a ratio is missed, or when a server is started with durability off.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
# The population that the reference's schema holds, and that `papo bench-seed` is asked for.
CONVERSATIONS, ATTENDANTS = 20_000, 10
# What both are measured with; conversations and attendants as the sources' target has them.
MEASURED = ["-c", "1000", "-w", "10", "--audience", "assigned"]
RATE = 1_000
SOCKETS = 5_000


class Missed(Exception):
    """A figure could not be measured, or a precondition does not hold."""


def run(command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def psql(arguments, database, statement):
    url = f"{arguments.admin_url}/{database}"
    return run(["psql", "-X", "-q", "-At", "-d", url, "-c", statement]).strip()


def refuse_without_durability(arguments, database):
    """Both sides must wait for the disk, or the comparison would be of nothing."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        value = psql(arguments, database, f"show {setting}")
        if value != "on":
            raise Missed(f"{setting} is {value} on database {database}: refusing to measure")
    overrides = psql(
        arguments,
        "postgres",
        "select coalesce(r.rolname,''), s.setconfig from pg_db_role_setting s "
        "left join pg_roles r on r.oid = s.setrole "
        "where s.setconfig::text ~ 'fsync|full_page_writes|synchronous_commit'",
    )
    if overrides:
        raise Missed(f"durability is overridden for a role or database: {overrides}")


@contextlib.contextmanager
def server(name, command, health, environment, log):
    """Runs a server while the block runs; ends it by its own process id."""
    with open(log, "ab") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise Missed(f"{name} ended at its start; see {log}")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(health, timeout=2).read()
                break
            time.sleep(0.1)
        else:
            raise Missed(f"{name} does not answer on {health}")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Side:
    """One server under measurement."""

    def __init__(self, arguments, adapter, pids):
        self.probe = [arguments.probe]
        self.adapter = ["-a", str(adapter)]
        self.pids = [part for name, pid in pids for part in ("--pid", f"{name}={pid}")]

    def load(self, rate, seconds=15, warmup=3):
        command = ["load", *self.adapter, "-r", str(rate), "-t", str(seconds),
                   "--warmup", str(warmup), *MEASURED, *self.pids, "--json"]
        return json.loads(run([*self.probe, *command]))

    def clean(self, result):
        deliveries = result["deliveries"]
        return (
            result["errors"] == 0 and result["unanswered"] == 0
            and deliveries["lost"] == 0 and deliveries["duplicates"] == 0
            and deliveries["to_wrong_attendant"] == 0
            and result["ack_ms"]["p99"] < 200 and result["e2e_ms"]["p99"] < 1000
        )

    def highest(self, start, seconds):
        """The highest rate that holds, and what was measured there."""
        held, failed, rate = None, None, float(start)
        for _ in range(12):
            result = self.load(round(rate), seconds)
            kept = self.clean(result)
            say(f"    {round(rate):>6}/s {'held' if kept else 'missed'}"
                f"  ack p99 {result['ack_ms']['p99']} ms  e2e p99 {result['e2e_ms']['p99']} ms"
                f"  others {result['procs'].get('others', {}).get('cores')}")
            if kept:
                held = result
            else:
                failed = rate
            if failed is None:
                rate *= 1.4
            elif held is None:
                rate /= 1.4
            elif failed / held["rate"] < 1.07:
                break
            else:
                rate = (held["rate"] + failed) / 2
        if held is None:
            raise Missed("no rate was held")
        return held

    def idle(self):
        command = ["idle", *self.adapter, "-s", str(SOCKETS), *self.pids]
        return run([*self.probe, *command])


def cpu(result):
    """Microseconds of CPU per message, server and database (and Redis where one is used)."""
    return sum(
        value for name, value in result["cpu_us_per_msg"].items() if name not in ("probe", "others")
    )


def say(text):
    print(text, flush=True)


def measure(side, start, seconds):
    say("  warming")
    side.load(min(RATE, start), 8, 2)
    steady = [side.load(RATE, seconds) for _ in range(3)]
    for result in steady:
        if result["deliveries"]["lost"] or result["errors"] or result["unanswered"]:
            raise Missed(f"messages were lost at {RATE}/s")
    say("  searching the highest rate that holds")
    held = side.highest(start, seconds)
    return {
        "rate": held["rate"],
        "cpu_at_highest": cpu(held),
        "cpu_at_steady": statistics.median(cpu(r) for r in steady),
        "e2e_p99": statistics.median(r["e2e_ms"]["p99"] for r in steady),
        "e2e_p50": statistics.median(r["e2e_ms"]["p50"] for r in steady),
        "ack_p99": statistics.median(r["ack_ms"]["p99"] for r in steady),
    }


def socket_memory(arguments, adapter, pid):
    """KiB per idle attendant socket on a freshly started server."""
    output = run([arguments.probe, "idle", "-a", str(adapter), "-s", str(SOCKETS),
                  "--pid", f"app={pid}"])
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict) and "kib_per_socket" in json.dumps(value):
                return value
    return output


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--admin-url", required=True, help="superuser's URL without database")
    parser.add_argument("--redis-port", required=True)
    parser.add_argument("--postgres-pid", required=True)
    parser.add_argument("--redis-pid", required=True)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--papo", required=True)
    parser.add_argument("--reference", required=True, help="folder with server.js and its modules")
    parser.add_argument("--work", required=True, help="folder for logs and adapters")
    parser.add_argument("--seconds", type=int, default=10)
    parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Missed as missed:
        sys.exit(f"script/bench: {missed}")
