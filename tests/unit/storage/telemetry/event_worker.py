"""A process that appends events in batches of ten and says how many are acknowledged."""

import sys

from snipersight.domain.event_log import StoredEvent
from snipersight.storage.database import open_database
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.tables import TELEMETRY


def append(url: str, name: str = "one", batches: str = "10000") -> None:
    """Append numbered events until the end, or until somebody kills this."""
    with open_database(url, schema=TELEMETRY) as database:
        log = SqlEventLog(database)
        for batch in range(int(batches)):
            first = 10 * batch + 1
            log.append(
                [
                    StoredEvent(seq=0, event_type=name, at_us=number, body="{}")
                    for number in range(first, first + 10)
                ]
            )
            print(first + 9, flush=True)


if __name__ == "__main__":
    append(*sys.argv[2:])
