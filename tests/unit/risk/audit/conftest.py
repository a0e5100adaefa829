"""What the tests of the audit share."""

import pytest

from snipersight.risk.audit import exact_json


@pytest.fixture(autouse=True)
def codecs_built_anew() -> None:
    """Forget the codecs that other tests have had built.

    They are built once a process: an error in the building would show in one test alone, and one
    that mutation testing plants after the first run would show in none.
    """
    for kept in vars(exact_json).values():
        if callable(clear := getattr(kept, "cache_clear", None)):
            clear()
