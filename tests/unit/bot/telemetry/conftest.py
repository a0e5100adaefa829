import json
import logging

import pytest
from loguru import logger

from snipersight.bot.telemetry import configure_logging


@pytest.fixture(autouse=True)
def restored_logging():
    """Leave neither handlers nor a patcher behind."""
    yield
    logger.remove()
    logger.configure(patcher=lambda _record: None)
    logging.getLogger().handlers.clear()


@pytest.fixture
def logs(tmp_path):
    """Return a folder that gets the log of this test."""
    configure_logging(logs=tmp_path, level="DEBUG")
    return tmp_path


@pytest.fixture
def lines():
    """Return a function that reads the JSON lines of a file."""
    return lambda path: [json.loads(line) for line in path.read_text().splitlines()]
