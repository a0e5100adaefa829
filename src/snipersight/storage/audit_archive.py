"""Archives of the audit: JSON Lines files that verify by themselves, without the database.

The first line says whose chain it is and where it begins, and holds the signed checkpoint of its
last record; every further line is one record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from snipersight.domain.audit import ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.anchors import CheckSignature
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.findings import Checkpoint, OutsideHead, Signed, VerifyReport
from snipersight.risk.audit.verify import ChainVerifier, StoredRecord
from snipersight.storage.home import make_private_folder
from snipersight.storage.new_files import give_name, written_whole

_FORMAT: Final = 1
_FIELDS: Final = ("at_us", "kind", "subject", "actor", "body", "prev_hash", "hash")
_SIGNED: Final = ("hash", "at_us", "key_id", "signature")


def write_archive(
    folder: Path,
    records: Iterable[StoredRecord],
    *,
    account_id: str,
    base: ChainHead,
    end: Checkpoint,
) -> Path:
    """Write the records between two places of a chain to a new file and return its path.

    The file is its owner's alone and on the disk, whole, when this returns. No file is replaced.

    Args:
        folder: where; it is created if it is missing.
        records: all of them behind `base`, up to the one that `end` signs, in order.
        account_id: whose chain.
        base: the last record before them.
        end: the signed checkpoint of the last one.

    Raises:
        StateUnavailable: the folder cannot be written, or a record is no text.
    """
    make_private_folder(folder)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", account_id)
    stem = f"audit-{name}-{base.seq + 1}-{end.seq}"
    lines = (_line(value) for value in _values(records, account_id, base, end))
    try:
        return _write_new(folder, stem, lines)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StateUnavailable(
            f"the audit's archive cannot be written: {reason}; nothing was pruned",
            where=str(folder),
            next_step="free some space, or give yourself the right to write there",
        ) from error


def verify_archive(
    path: Path, *, check: CheckSignature | None = None, outside: Sequence[OutsideHead] = ()
) -> VerifyReport:
    """Check an archive record by record, against its own signed checkpoint.

    Args:
        path: the file.
        check: tells what its signature is worth; if not given, it is only compared with the record.
        outside: records that are known from elsewhere.

    Raises:
        StateUnavailable: the file cannot be read, or is no archive.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return _verify(file, check, outside)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StateUnavailable(
            f"the audit's archive cannot be read: {reason}", where=str(path)
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateUnavailable(
            f"this is no archive of an audit, or it is damaged ({error})", where=str(path)
        ) from error


def _verify(
    lines: Iterator[str], check: CheckSignature | None, outside: Sequence[OutsideHead]
) -> VerifyReport:
    header = json.loads(next(lines, ""))
    if header["format"] != _FORMAT:
        raise ValueError(f"format {header['format']!r} is not known")
    account_id, end = header["account_id"], _checkpoint(header["checkpoint"])
    verifier = ChainVerifier(
        account_id,
        base=ChainHead(account_id=account_id, seq=header["base_seq"], hash=header["base_hash"]),
        is_base_known=True,
        checkpoints=(end,),
        check=_unchecked if check is None else check,
        outside=outside,
    )
    for line in lines:
        verifier.consume((_stored(json.loads(line)),))
    return verifier.finish(ChainHead(account_id=account_id, seq=end.seq, hash=end.hash.decode()))


def _unchecked(_checkpoint: Checkpoint) -> Signed:
    return Signed.UNCHECKED


def _values(
    records: Iterable[StoredRecord], account_id: str, base: ChainHead, end: Checkpoint
) -> Iterator[Mapping[str, object]]:
    signed = {name: getattr(end, name).decode() for name in _SIGNED}
    yield {
        "format": _FORMAT,
        "account_id": account_id,
        "base_seq": base.seq,
        "base_hash": base.hash,
        "checkpoint": {"seq": end.seq, **signed},
    }
    for seq, *stored in records:
        try:
            texts = [value.decode() for value in stored]
        except UnicodeDecodeError as error:
            raise StateUnavailable(
                f"record {seq} is damaged; nothing was pruned",
                next_step="run `snipersight audit verify`",
            ) from error
        yield {"seq": seq, **dict(zip(_FIELDS, texts, strict=True))}


def _stored(held: Mapping[str, object]) -> StoredRecord:
    seq, values = held["seq"], [held[name] for name in _FIELDS]
    if type(seq) is not int or not all(isinstance(value, str) for value in values):
        raise TypeError("a record is not of text")
    at_us, kind, subject, actor, body, before, hash_ = (str(value).encode() for value in values)
    return seq, at_us, kind, subject, actor, body, before, hash_


def _checkpoint(held: Mapping[str, object]) -> Checkpoint:
    seq, values = held["seq"], [held[name] for name in _SIGNED]
    if type(seq) is not int or not all(isinstance(value, str) for value in values):
        raise TypeError("its checkpoint is not of text")
    hash_, at_us, key_id, signature = (str(value).encode() for value in values)
    return Checkpoint(seq=seq, hash=hash_, at_us=at_us, key_id=key_id, signature=signature)


def _line(value: Mapping[str, object]) -> bytes:
    return canonical(dict(value)).encode() + b"\n"


def _write_new(folder: Path, stem: str, lines: Iterable[bytes]) -> Path:
    with written_whole(folder, prefix=".audit-") as written:
        with written.open("wb") as file:
            file.writelines(lines)
        return _name_it(folder, stem, written)


def _name_it(folder: Path, stem: str, written: Path) -> Path:
    """Give the file a name that none has; one of the same range may be left from a crash."""
    for number in count(1):
        path = folder / (f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl")
        try:
            give_name(written, path)
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable: numbers do not end")
