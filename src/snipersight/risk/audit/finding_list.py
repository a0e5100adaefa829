"""Findings as they come in: neighbours of one kind become one, and memory stays bounded."""

from __future__ import annotations

from typing import Final

from snipersight.risk.audit.findings import Finding, FindingKind

_MOST: Final = 1000


class FindingList:
    """Collects findings; what repeats from record to record is told once, as a range."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._dropped = 0
        self._run: tuple[FindingKind, int, int, int] | None = None

    def add(self, kind: FindingKind, first: int, last: int, sentence: str) -> None:
        """Add a finding about the records from `first` to `last`."""
        self._keep(Finding(kind=kind, first_seq=first, last_seq=last, sentence=sentence))

    def changed(self, seq: int) -> None:
        """Add that a record is not the one its hash was computed over."""
        self._extend(FindingKind.CHANGED, seq, 0)

    def moved(self, seq: int, *, by: int) -> None:
        """Add that the record at `seq` was written `by` places before (negative: behind)."""
        self._extend(FindingKind.MOVED, seq, by)

    def all(self) -> tuple[tuple[Finding, ...], int]:
        """Return what was kept, by place in the chain, and how many more there were."""
        self._end_run()
        ordered = sorted(self._kept, key=lambda finding: (finding.first_seq, finding.last_seq))
        return tuple(ordered), self._dropped

    def _extend(self, kind: FindingKind, seq: int, by: int) -> None:
        if self._run is not None:
            held, first, last, offset = self._run
            if (held, last, offset) == (kind, seq - 1, by):
                self._run = (kind, first, seq, by)
                return
        self._end_run()
        self._run = (kind, seq, seq, by)

    def _end_run(self) -> None:
        if self._run is None:
            return
        kind, first, last, by = self._run
        self._run = None
        text = _changed(first, last) if kind is FindingKind.CHANGED else _moved(first, last, by)
        self._keep(Finding(kind=kind, first_seq=first, last_seq=last, sentence=text))

    def _keep(self, finding: Finding) -> None:
        if len(self._kept) < _MOST:
            self._kept.append(finding)
        else:
            self._dropped += 1


def records(first: int, last: int) -> str:
    """Return `record 5` or `records 5 to 9`."""
    return f"record {first}" if first == last else f"records {first} to {last}"


def _changed(first: int, last: int) -> str:
    return f"{records(first, last)}: what is stored is not what was hashed when it was written"


def _moved(first: int, last: int, by: int) -> str:
    if first == last:
        return f"record {first - by} was moved: it stands at {first}"
    places = f"{abs(by)} {'place' if abs(by) == 1 else 'places'}"
    if by > 0:
        return (
            f"{records(first, last)} stand {places} behind where they were written: something "
            f"was inserted before {first}"
        )
    return (
        f"{records(first, last)} stand {places} ahead of where they were written: something was "
        f"removed before {first}"
    )
