"""The newest signed checkpoint of each chain, in a file outside the database.

Whoever cuts records off the end of the database would have to cut here too; so the file belongs
where they cannot reach it (`AUDIT_HEAD_FILE`). It only ever moves forward.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Checkpoint
from snipersight.storage.file_lock import FileLock
from snipersight.storage.home import make_private_folder

_FORMAT: Final = 1
_FIELDS: Final = ("hash", "at_us", "key_id", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFile:
    """One file of heads.

    Args:
        path: where it is; it need not exist yet.
        place: which database the heads are of; another one keeps heads of its own in the file.
    """

    path: Path
    place: str

    def read(self, account_id: str) -> Checkpoint | None:
        """Return the head of one chain; None where none was kept yet.

        Raises:
            StateUnavailable: the file cannot be read, or is damaged.
        """
        held = self._all().get(self._name(account_id))
        return None if held is None else self._checkpoint(held)

    def write(self, account_id: str, head: Checkpoint) -> None:
        """Replace the head of one chain, whole or not at all; call it within `locked`.

        Raises:
            StateUnavailable: the file cannot be read or written.
        """
        held = {
            **self._all(),
            self._name(account_id): {
                "account": account_id,
                "database": self.place,
                "seq": head.seq,
                **{name: getattr(head, name).decode() for name in _FIELDS},
            },
        }
        text = json.dumps({"format": _FORMAT, "heads": held}, indent=1, sort_keys=True)
        try:
            self._replace(text + "\n")
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing the file meanwhile.

        Raises:
            StateUnavailable: its folder cannot be written.
        """
        make_private_folder(self.path.parent)
        try:
            lock = FileLock(self.path.with_name(f"{self.path.name}.lock"))
        except OSError as error:
            raise self._unusable(error) from error
        try:
            with lock.held():
                yield
        finally:
            lock.close()

    def _name(self, account_id: str) -> str:
        return f"{account_id} @ {self.place}"

    def _all(self) -> dict[str, object]:
        try:
            held = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        except ValueError as error:
            raise self._damaged() from error
        heads = held.get("heads") if isinstance(held, dict) else None
        if not isinstance(heads, dict) or held.get("format") != _FORMAT:
            raise self._damaged()
        return heads

    def _checkpoint(self, held: object) -> Checkpoint:
        if not isinstance(held, dict) or type(held.get("seq")) is not int:
            raise self._damaged()
        values = [held.get(name) for name in _FIELDS]
        if not all(isinstance(value, str) for value in values):
            raise self._damaged()
        hash_, at_us, key_id, signature = (str(value).encode() for value in values)
        return Checkpoint(
            seq=held["seq"], hash=hash_, at_us=at_us, key_id=key_id, signature=signature
        )

    def _replace(self, text: str) -> None:
        with tempfile.NamedTemporaryFile(
            "w", dir=self.path.parent, prefix=".audit-head-", delete=False, encoding="utf-8"
        ) as file:
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(self.path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _unusable(self, error: OSError) -> StateUnavailable:
        reason = (error.strerror or type(error).__name__).lower()
        return StateUnavailable(
            f"the audit's head cannot be kept: {reason}",
            where=str(self.path),
            next_step="set AUDIT_HEAD_FILE to a file in a folder you can write to",
        )

    def _damaged(self) -> StateUnavailable:
        return StateUnavailable(
            "the file that keeps the audit's head is damaged",
            where=str(self.path),
            next_step="restore it from a copy, or move it away: what was cut off the audit before "
            "then cannot be found any more",
        )
