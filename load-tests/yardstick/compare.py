#!/usr/bin/env python3
"""Measures Papo and the reference with the probe, one after the other on one PostgreSQL, and
judges the ratios. Called by script/bench, which has built everything, started PostgreSQL and
Redis, and put Papo's settings into the environment. Exits with 1 if a ratio is missed, with 2 if
nothing could be measured."""

import argparse
import json
import os
import pathlib
import platform
import signal
import sys
import time

from measure import ATTENDANTS, SOCKETS, STEADY, Bench, median, noise, processor, say
from sides import CONVERSATIONS, Cluster, Papo, Reference, Unfit, run


def measure(bench, start):
    """Everything about one side."""
    side = bench.side
    say(f"\n{side.name}")
    side.prepare(SOCKETS)
    with side.running():
        memory = bench.idle()
    side.prepare(ATTENDANTS)
    with side.running():
        bench.warm()
        steady = bench.steady()
        held = bench.highest(start)
    wrong = ("duplicates", "reordered", "to_wrong_attendant")
    return {
        "rate": held[0]["rate"],
        "cpu_highest": median(held, processor),
        "cpu_steady": median(steady, processor),
        "socket_p99": median(steady, lambda result: result["e2e_ms"]["p99"]),
        "socket_p50": median(steady, lambda result: result["e2e_ms"]["p50"]),
        "ack_p99": median(steady, lambda result: result["ack_ms"]["p99"]),
        "memory": memory,
        "noise": max(noise(result) for result in [*steady, *held]),
        "wrong": {kind: sum(r["deliveries"][kind] for r in bench.runs) for kind in wrong},
    }


# Figure, unit, how it is found, and the ratio (Papo to reference) that is wanted.
FIGURES = [
    ("Highest durable rate", "messages/s", "rate", ">=", 3),
    ("Processor time per message at that rate", "µs", "cpu_highest", "<=", 1 / 4),
    (f"Processor time per message at {STEADY:,}/s", "µs", "cpu_steady", "<=", 1 / 2),
    (f"p99 webhook to socket at {STEADY:,}/s", "ms", "socket_p99", "<=", 1),
    ("Memory per idle attendant socket", "KiB", "memory", "<=", 1),
]


def judge(reference, papo):
    """Prints the table; whether every ratio is kept."""
    kept = True
    say("\n| Figure | Reference | Papo | Ratio | Wanted | |\n|---|---:|---:|---:|---:|---|")
    for name, unit, key, relation, wanted in FIGURES:
        ratio = papo[key] / reference[key]
        good = ratio >= wanted if relation == ">=" else ratio <= wanted
        kept &= good
        sign = "≥" if relation == ">=" else "≤"
        say(
            f"| {name} ({unit}) | {reference[key]:,.4g} | {papo[key]:,.4g} | {ratio:.2f} "
            f"| {sign} {wanted:g} | {'pass' if good else '**MISS**'} |"
        )
    for side, figures in (("reference", reference), ("papo", papo)):
        say(
            f"{side}: ack p99 {figures['ack_p99']} ms and socket p50 {figures['socket_p50']} ms at"
            f" {STEADY}/s; {figures['wrong']}; others used up to {figures['noise']} cores"
        )
    if any(papo["wrong"].values()):
        say(f"papo told sockets what it must not: {papo['wrong']}")
        kept = False
    return kept


def machine(cluster):
    """What the figures belong to."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1] for line in info if line.startswith("model name")), "?")
    return {
        "cores": os.cpu_count(),
        "processor": model.strip(),
        "kernel": platform.release(),
        "postgresql": cluster.ask("show server_version"),
        "node": run(["node", "--version"]).strip(),
        "conversations": CONVERSATIONS,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("psql", "postgres-url", "postgres-socket", "probe", "papo"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("postgres-pid", "redis-port", "redis-pid", "papo-port", "reference-port"):
        parser.add_argument(f"--{name}", required=True, type=int)
    for name in ("modules", "work", "results"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--only", choices=("papo", "reference"), help="measures one, judges nothing")
    given = parser.parse_args()
    # So that what runs is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    cluster = Cluster(
        given.psql, given.postgres_url, given.postgres_socket, given.postgres_pid
    )
    sides = [
        Reference(cluster, given.work, given.reference_port, given.modules,
                  given.redis_port, given.redis_pid),
        Papo(cluster, given.work, given.papo_port, given.papo),
    ]
    report = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine(cluster)}
    say(json.dumps(report["machine"]))
    start = 1_600
    try:
        for side in sides:
            if given.only in (None, side.name):
                bench = Bench(given.probe, side, given.seconds)
                report["runs of " + side.name] = bench.runs
                report[side.name] = measure(bench, start)
                start = report[side.name]["rate"]
    finally:
        given.results.mkdir(parents=True, exist_ok=True)
        path = given.results / f"{report['at'].replace(':', '')}.json"
        path.write_text(json.dumps(report, indent=1))
        say(f"\nall runs: {path}")
    if given.only:
        say(json.dumps(report[given.only], indent=1))
        return 0
    return 0 if judge(report["reference"], report["papo"]) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unfit as unfit:
        print(f"script/bench: {unfit}", file=sys.stderr)
        sys.exit(2)
