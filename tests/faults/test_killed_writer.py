"""A server that is killed while it writes: what it acknowledged is there, and nothing by halves."""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from abckg.writing.versions import Versions
from faults.writing import WritableServer, plain_store, writable

# One hundred were run before the release; CONTRIBUTING.md says how.
KILLS = int(os.environ.get("ABCKG_KILLS", "3"))
TRIPLES = 40
COUNTS = "SELECT ?number (COUNT(*) AS ?n) { ?s <urn:number> ?number } GROUP BY ?number"
GRAPHS = "SELECT ?number (COUNT(*) AS ?n) { GRAPH <urn:replaced> { ?s <urn:number> ?number } } GROUP BY ?number"


@dataclass
class Ledger:
    """What was sent, and what was acknowledged."""

    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    replaced: int = -1
    pace: float = 1.0  # seconds that the last write took
    mixed: list[object] = field(default_factory=list)

    def write(self, server: WritableServer) -> None:
        """Write until the server is gone: each number as so many triples, and as the only one in a graph."""
        while True:
            number = max(self.sent, default=0) + 1
            triples = " ".join(f"<urn:{number}/{place}> <urn:number> {number} ." for place in range(TRIPLES))
            self.sent.add(number)
            started = time.monotonic()
            try:
                if server.update(f"INSERT DATA {{ {triples} }}").status == 204:
                    self.acknowledged.add(number)
                    self.pace = time.monotonic() - started
                if server.send("PUT", "/store?graph=urn:replaced", triples.encode(), "text/turtle").status < 300:
                    self.replaced = number
            except (OSError, http.client.HTTPException):
                return

    def read(self, server: WritableServer) -> None:
        """Look on until the server is gone: no answer may show a write by halves, or two at once."""
        while True:
            try:
                found = [row for row in server.rows(COUNTS) if row[1] != str(TRIPLES)]
                replaced = server.rows(GRAPHS)
            except (OSError, http.client.HTTPException, AssertionError):
                return
            if found or len(replaced) > 1 or any(row[1] != str(TRIPLES) for row in replaced):
                self.mixed.append((found, replaced))

    def check(self, server: WritableServer) -> None:
        """See that all that was acknowledged is there, whole."""
        found = {int(number): int(count) for number, count in server.rows(COUNTS)}
        replaced = [int(number) for number, count in server.rows(GRAPHS) if int(count) == TRIPLES]
        assert set(found.values()) <= {TRIPLES}
        assert self.acknowledged <= found.keys() <= self.sent
        assert self.replaced < 0 or (len(replaced) == 1 and replaced[0] >= self.replaced)
        assert self.mixed == []


def test_server_killed_at_random_moments_loses_nothing_acknowledged_and_keeps_nothing_by_halves(tmp_path: Path) -> None:
    store, ledger, moments = plain_store(tmp_path / "kept"), Ledger(), random.Random(3)  # noqa: S311
    versions = Versions(store)

    for _ in range(KILLS):
        with writable(store, ABCKG_WORKERS="1") as server:
            ledger.check(server)
            assert len([path for path in versions.folder.iterdir() if path.name.isdigit()]) <= 1
            threads = [threading.Thread(target=run, args=(server,)) for run in (ledger.write, ledger.read)]
            for thread in threads:
                thread.start()
            # The moment falls into the first few writes, however fast the machine is.
            time.sleep(moments.uniform(0, 4) * ledger.pace)
            server.kill()
            for thread in threads:
                thread.join()
        # The one that holds, two before it that may have been in use, the one that was being made.
        assert len([path for path in versions.folder.iterdir() if path.name.isdigit()]) <= 4

    with writable(store) as server:
        ledger.check(server)
        assert server.update("INSERT DATA { <urn:last> <urn:number> 0 }").status == 204
    assert KILLS < 10 or len(ledger.acknowledged) >= KILLS // 4
