import pytest

from snipersight.bootstrap.settings import VARIABLES


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    """Give each test its own home and none of the developer's settings."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
