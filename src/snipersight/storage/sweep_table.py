"""The runs of a sweep as a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.new_files import take_place, written_whole


def write_rows(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write rows of one shape, whole or not at all; an older file goes.

    Args:
        rows: at least one; a column is of the type of its first value that is there, and empty
            where none is.
        path: the file; its folder is there.

    Raises:
        StateUnavailable: it cannot be written.
    """
    import polars as pl

    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    try:
        with written_whole(path.parent, prefix=".sweep-") as part:
            frame.write_parquet(part)
            take_place(part, path)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise StateUnavailable(
            f"the runs cannot be written: {reason}",
            where=str(path),
            next_step="name a file in a folder you can write to, with room for it; what was made is "
            "kept, and the same command writes it at once",
        ) from error
