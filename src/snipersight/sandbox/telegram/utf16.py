"""Offsets of the Bot API, in UTF-16 code units, and places in Python's texts."""

from __future__ import annotations

from itertools import accumulate

from snipersight.sandbox.telegram.answers import bad_request


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units; an emoji counts as two."""
    return sum(1 + (character > "\uffff") for character in text)


class Ruler:
    """Translates between code units and characters of one text."""

    def __init__(self, text: str) -> None:
        self._units = [0, *accumulate(1 + (character > "\uffff") for character in text)]
        self._places = {unit: place for place, unit in enumerate(self._units)}
        self._text = text

    @property
    def length(self) -> int:
        """Return the length of the text in code units."""
        return self._units[-1]

    def unit(self, place: int) -> int:
        """Return how many code units stand before a character."""
        return self._units[place]

    def place(self, unit: int) -> int | None:
        """Return the character that begins at a code unit; None in the middle of one."""
        return self._places.get(unit)

    def span(self, offset: int, length: int) -> tuple[int, int]:
        """Return the first character of an entity and the one after its last.

        Raises:
            Refusal: it lies outside of the text or cuts a character in two.
        """
        end = offset + length
        if offset >= self.length:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if end > self.length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text at "
                f"UTF-16 offset {end}"
            )
        first, last = self.place(offset), self.place(end)
        if first is None:
            raise bad_request(
                f"entity begins in a middle of a UTF-16 symbol at byte offset {self._byte(offset)}"
            )
        if last is None:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
                f"at byte offset {self._byte(end)}"
            )
        return first, last

    def _byte(self, unit: int) -> int:
        # The symbol that the unit cuts is over by the next one.
        return len(self._text[: self._places[unit + 1]].encode())
