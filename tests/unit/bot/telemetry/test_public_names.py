import pytest

import snipersight.bot.telemetry as package


def test_every_public_name_is_found_and_they_are_sorted():
    assert [getattr(package, name).__name__ for name in package.__all__] == package.__all__
    assert package.__all__ == sorted(package.__all__)


def test_another_name_is_missed_as_in_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        package.nothing  # noqa: B018 — that is the question
