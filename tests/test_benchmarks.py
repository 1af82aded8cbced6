"""The benchmark still runs. What it measures is never a test: machines are busy when they like."""

import re
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent.parent / "benchmarks" / "peers.py"


def test_the_table_of_peers_can_be_made():
    options = ["--works", "W1,W2", "--contenders", "annlab;matrix products alone", "--dtypes", "float32"]
    command = [sys.executable, str(PEERS), *options, "--rounds", "1", "--no-cold"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    # A head, its rule, and a row for each contender; a row has name, type, W1, W2, one, import, cold.
    assert [len(row.split("|")) - 2 for row in rows] == [7, 7, 7, 7]
    assert rows[2].startswith("| annlab | float32 |")
    assert re.search(r"\(\d[\d.e+-]*x", rows[3])
