"""What is measured on a running side, by the probe.

A run `holds` if nothing was lost, refused or left unanswered, p99 of the acknowledgement is below
200 ms and p99 from webhook to socket below 1 s, both from the moment at which the message was due.
"""

import json
import re
import statistics

from sides import Unfit, run

# At which both are compared, in messages a second.
STEADY = 1_000
# Conversations that are written to, and attendants who watch, as in the reference's own figures.
CONVERSATIONS, ATTENDANTS = 1_000, 10
SOCKETS = 5_000
# Cores that others may use before a failure proves nothing.
NOISE = 0.3


def say(text):
    print(text, flush=True)


class Bench:
    """Measures one side."""

    def __init__(self, probe, side, seconds):
        self.probe, self.side, self.seconds = probe, side, seconds
        self.runs = []

    def load(self, rate, seconds=None, warmup=2):
        """One run at this rate."""
        pids = [f"--pid={name}={pid}" for name, pid in self.side.processes().items()]
        before = self.side.cluster.flushes()
        printed = run([
            self.probe, "load", "-a", str(self.side.adapter), "--json",
            "-r", str(rate), "-t", str(seconds or self.seconds), "--warmup", str(warmup),
            "-c", str(CONVERSATIONS), "-w", str(ATTENDANTS), "--audience", "assigned",
            "--quiet-wait", "30", *pids,
        ])
        result = json.loads(printed)
        result["flushes"] = self.side.cluster.flushes() - before
        if result["sockets_ready"] != ATTENDANTS:
            raise Unfit(f"{self.side.name}: only {result['sockets_ready']} sockets were let in")
        deliveries = result["deliveries"]
        # What is mentioned again within one frame is no second delivery.
        deliveries["duplicates"] -= (self.side.mentions - 1) * deliveries["got"]
        result["holds"] = (
            result["errors"] == 0
            and result["unanswered"] == 0
            and deliveries["lost"] == 0
            and result["ack_ms"]["p99"] < 200
            and result["e2e_ms"]["p99"] < 1000
        )
        self.runs.append(result)
        say(
            f"    {rate:>6}/s {'holds ' if result['holds'] else 'misses'}"
            f"  ack p99 {result['ack_ms']['p99']:>8} ms  socket p99 {result['e2e_ms']['p99']:>8} ms"
            f"  lost {deliveries['lost']}  errors {result['errors']}"
            f"  {processor(result):>4.0f} µs  others {noise(result)} cores"
        )
        return result

    def warm(self):
        """Node fails its first seconds when it is cold; the other side gets the same."""
        say("  warming up")
        self.load(STEADY, 4, 0)
        self.load(2 * STEADY, 8, 0)

    def steady(self):
        """Three runs at the rate of comparison."""
        say(f"  three runs at {STEADY}/s")
        runs = [self.load(STEADY, max(self.seconds, 15)) for _ in range(3)]
        if any(result["deliveries"]["lost"] or result["errors"] for result in runs):
            kinds = [result["error_kinds"] for result in runs]
            raise Unfit(f"{self.side.name} loses messages at {STEADY}/s already: {kinds}")
        self._must_have_waited(runs)
        return runs

    def _must_have_waited(self, runs):
        """A session can switch synchronous_commit off by itself, and nobody outside can see that;
        but then the log is forced to disk by a background process only, some times a second."""
        for result in runs:
            if result["flushes"] < 25 * result["time_s"]:
                raise Unfit(
                    f"refusing to measure: the log was forced to disk {result['flushes']} times in"
                    f" {result['time_s']} s, so {self.side.name}'s commits did not wait for it"
                )

    def highest(self, start):
        """The highest rate that holds: found by steps and halving, then confirmed by two of
        three runs. Returns those that held."""
        say("  the highest rate that holds")
        good, bad, rate = None, None, float(start)
        for _ in range(14):
            if self._try(rate)["holds"]:
                good = rate
            else:
                bad = rate
            if bad is None:
                rate *= 1.25
            elif good is None:
                rate /= 1.25
            elif bad / good < 1.06:
                break
            else:
                rate = (good * bad) ** 0.5
        if good is None:
            raise Unfit(f"{self.side.name} holds no rate from {start}/s down")
        for _ in range(6):
            say(f"  three runs at {round(good)}/s")
            runs = [self.load(round(good)) for _ in range(3)]
            held = [result for result in runs if result["holds"]]
            if len(held) >= 2:
                return held
            good *= 0.95
        raise Unfit(f"{self.side.name} does not hold a rate twice in three runs")

    def _try(self, rate):
        result = self.load(round(rate))
        if not result["holds"] and noise(result) > NOISE:
            result = self.load(round(rate))
        return result

    def idle(self):
        """KiB of the server's own memory per idle socket, one attendant each."""
        say(f"  {SOCKETS} idle sockets")
        printed = run([
            self.probe, "idle", "-a", str(self.side.adapter), "-s", str(SOCKETS),
            "--pid", f"app={self.side.process.pid}",
        ])
        ready = re.search(r"ready (\d+)", printed)
        found = re.search(r"app: .*-> (-?[\d.]+) KiB/socket", printed)
        if not ready or int(ready[1]) != SOCKETS or not found:
            raise Unfit(f"{self.side.name}: not all sockets were let in: {printed.strip()}")
        say(f"    {found[1]} KiB each")
        return float(found[1])


def processor(result):
    """Microseconds of processor time per message, of server and database."""
    used = result["cpu_us_per_msg"]
    return used["app"] + used["pg"]


def noise(result):
    """Cores that neither side nor the probe used."""
    return result["procs"]["others"]["cores"]


def median(runs, figure):
    return statistics.median(figure(result) for result in runs)
