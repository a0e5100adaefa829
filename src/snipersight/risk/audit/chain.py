"""The chain: canonical JSON, and a hash over every field of a record and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeGuard

from snipersight.domain.audit import AuditDraft, AuditRecord, ChainHead

NO_HASH: Final = "0" * 64  # what the first record points back to
_RECORD: Final = b"%d:%b" * 8
_UNAMBIGUOUS: Final = frozenset({str, bool, type(None)})
_WIDEST: Final = 2**53 - 1  # beyond it a reader that counts in floats would round
_WRITER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Spelt:
    """A part of a body that is canonical JSON already; `exact_json.spell` writes it.

    Whoever keeps records without reading them, as a backtest does, never asks for the text: it is
    written when it is wanted first.

    Args:
        text: as `canonical` would write it, or what writes it, of values that never change.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | Callable[[], str]) -> None:
        self._text = text

    @property
    def text(self) -> str:
        """Return the canonical JSON."""
        if not isinstance(self._text, str):
            self._text = self._text()
        return self._text

    def __eq__(self, other: object) -> bool:
        """Return whether the other one is spelt the same."""
        return isinstance(other, Spelt) and self.text == other.text

    def __hash__(self) -> int:
        """Return the hash of the text."""
        return hash(self.text)

    def __repr__(self) -> str:
        """Return the text."""
        return f"Spelt({self.text!r})"


def canonical(value: object) -> str:
    """Return a value as canonical JSON (RFC 8785 for the values that occur here).

    Keys sorted, no white space, text as it is. Only text, bool, None, whole numbers up to 2^53,
    lists and mappings with ASCII keys: anything else has more than one spelling, so it must come
    as text. The values of the outermost mapping may be `Spelt`.

    Raises:
        TypeError: the value holds a float, a larger number, half of a surrogate pair, or something
            that JSON does not know.
    """
    text = _joined(value) if _has_spelt(value) else _written(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TypeError(f"{error.object[error.start]!r} is no character of JSON") from error
    return text


def _has_spelt(value: object) -> TypeGuard[dict[Any, object]]:
    return isinstance(value, dict) and any(type(one) is Spelt for one in value.values())


def _joined(mapping: dict[Any, object]) -> str:
    if not _are_plain(mapping):
        _refuse_keys(mapping)
    parts = [f"{_WRITER.encode(key)}:{_spelling(mapping[key])}" for key in sorted(mapping)]
    return "{" + ",".join(parts) + "}"


def _spelling(value: object) -> str:
    return value.text if isinstance(value, Spelt) else _written(value)


def _written(value: object) -> str:
    _refuse_ambiguity(value)
    return _WRITER.encode(value)


def _refuse_ambiguity(value: object) -> None:
    pending = [value]
    for one in pending:  # grows while it is walked: every value comes along once
        kind = type(one)
        if kind in _UNAMBIGUOUS:
            continue
        if isinstance(one, dict):
            if not _are_plain(one):
                _refuse_keys(one)
            pending.extend(one.values())
        elif isinstance(one, (list, tuple)):
            pending.extend(one)
        elif isinstance(one, float):
            raise TypeError(f"{one!r} must be text in canonical JSON")
        elif isinstance(one, int) and not -_WIDEST <= one <= _WIDEST:
            raise TypeError(f"{one} must be text in canonical JSON: a reader may round it")


def _are_plain(keys: Iterable[Any]) -> bool:
    # All at once: a record has hundreds of keys, and the walk is part of every decision.
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False


def _refuse_keys(mapping: dict[Any, object]) -> None:
    for key in mapping:
        if not isinstance(key, str) or not key.isascii():
            raise TypeError(f"{key!r} is no key of canonical JSON")


def empty_head(account_id: str) -> ChainHead:
    """Return the head of a chain without records."""
    return ChainHead(account_id=account_id, seq=0, hash=NO_HASH)


def seal(draft: AuditDraft, head: ChainHead) -> AuditRecord:
    """Return the record that continues a chain behind `head`."""
    body = canonical(dict(draft.body))
    seq = head.seq + 1
    digest = record_hash(
        account_id=head.account_id,
        seq=seq,
        at_us=draft.at_us,
        kind=draft.kind.value,
        subject=draft.subject,
        actor=draft.actor,
        body=body,
        prev_hash=head.hash,
    )
    return AuditRecord(
        account_id=head.account_id,
        seq=seq,
        at_us=draft.at_us,
        kind=draft.kind.value,
        subject=draft.subject,
        actor=draft.actor,
        body=body,
        prev_hash=head.hash,
        hash=digest,
    )


def record_hash(
    *,
    account_id: str,
    seq: int,
    at_us: int,
    kind: str,
    subject: str,
    actor: str,
    body: str,
    prev_hash: str,
) -> str:
    """Return SHA-256 over the fields of one record, each with its length in bytes before it.

    The lengths keep two different records from spelling the same text.
    """
    parts = (prev_hash, account_id, str(seq), str(at_us), kind, subject, actor, body)
    return fields_hash(tuple(part.encode() for part in parts))


def fields_hash(parts: tuple[bytes, ...]) -> str:
    """Return the hash of a record whose fields are given as stored, in UTF-8.

    Args:
        parts: hash before, account, sequence number, time, kind, subject, actor, body.
    """
    before, account, seq, at_us, kind, subject, actor, body = parts
    # One format for all copies a body of some kilobytes once only; verifying lives on that.
    text = _RECORD % (
        *(len(before), before, len(account), account, len(seq), seq, len(at_us), at_us),
        *(len(kind), kind, len(subject), subject, len(actor), actor, len(body), body),
    )
    return hashlib.sha256(text).hexdigest()


def framed(parts: Sequence[bytes]) -> bytes:
    """Return byte strings as one, each with its length before it: no two lists spell the same."""
    return b"".join([b"%d:%b" % (len(part), part) for part in parts])
