"""How many questions the service answers on loopback: `python benchmarks/service.py [--workers N] [--requests N]`.

A service of its own process and a fixed number of requests over a few kept connections: single accounts, then batches
of 100. The accounts are those of `dunning sample`. It stops by itself; the times are those the caller waits.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dunning

BIN = Path(sys.executable).parent
ON = "2026-11-22"
CONNECTIONS = 4
BATCH = 100


def accounts(number: int) -> list[dict[str, Any]]:
    """Those of a sample that can be read."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["sample", "--accounts", str(number), "--seed", "7", "--format", "jsonl", "--out", folder]
        subprocess.run([BIN / "dunning", *command], check=True, stdout=subprocess.DEVNULL)
        (file,) = Path(folder).glob("*.jsonl")
        found = [json.loads(line, parse_float=str) for line in file.read_text(encoding="utf-8").splitlines()]
    return [account for account in found if isinstance(dunning.read(account), dunning.Read)]


def asked(address: str, bodies: Sequence[bytes]) -> list[float]:
    """Sends the bodies over a few connections; the seconds that each answer took, in no order."""
    host = urlsplit(address).netloc

    def send(own: Sequence[bytes]) -> list[float]:
        connection = http.client.HTTPConnection(host, timeout=60)
        times = []
        for body in own:
            began = time.perf_counter()
            connection.request("POST", "/v1/assess", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            times.append(time.perf_counter() - began)
            assert response.status == 200, response.status
        connection.close()
        return times

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = pool.map(send, [bodies[place::CONNECTIONS] for place in range(CONNECTIONS)])
        return [seconds for part in parts for seconds in part]


def told(name: str, times: Sequence[float], seconds: float, each: int) -> None:
    ordered = sorted(times)
    p50, p99 = (ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000 for share in (50, 99))
    rate = len(times) / seconds
    print(f"{name:14} {rate:7,.0f} requests/s {rate * each:8,.0f} accounts/s  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--requests", type=int, default=2000, help="single requests; a tenth as many batches")
    chosen = parser.parse_args()
    sample = accounts(1000)
    service = subprocess.Popen(
        [BIN / "dunning-http", "serve", "--port", "0", "--workers", str(chosen.workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert service.stdout
        address = service.stdout.readline().strip()
        single = [
            json.dumps({"on": ON, "account": sample[place % len(sample)]}).encode() for place in range(chosen.requests)
        ]
        batches = []
        for place in range(max(CONNECTIONS, chosen.requests // 10)):
            first = place * BATCH % (len(sample) - BATCH)
            batches.append(json.dumps({"on": ON, "accounts": sample[first : first + BATCH]}).encode())
        asked(address, single[:200])  # the first requests fill the caches
        sizes = sum(map(len, single)) / len(single)
        print(f"{CONNECTIONS} connections, {chosen.workers} process(es), {sizes:,.0f} bytes an account")
        for name, bodies, each in (("single", single, 1), (f"batch of {BATCH}", batches, BATCH)):
            began = time.perf_counter()
            times = asked(address, bodies)
            told(name, times, time.perf_counter() - began, each)
    finally:
        service.terminate()
        service.communicate(timeout=30)


if __name__ == "__main__":
    main()
