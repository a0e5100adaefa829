"""Verifies one chain as `snipersight audit verify` does, in a process of its own.

usage: risk_audit_child.py DATABASE_URL ACCOUNT RESULT.json ROUNDS

RESULT gets the seconds of each round and what was read; the memory is for the parent to measure.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import open_database


def main(url: str, account_id: str, result: str, rounds: int) -> None:
    """Verify so many times, and write how long each took."""
    seconds, records, findings = [], 0, 0
    with open_database(url) as database:
        log = AuditLog(database)
        for _ in range(rounds):
            started = time.perf_counter()
            report = log.verify(account_id)
            seconds.append(time.perf_counter() - started)
            records, findings = report.records, len(report.findings)
    found = {"seconds": seconds, "records": records, "findings": findings}
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
