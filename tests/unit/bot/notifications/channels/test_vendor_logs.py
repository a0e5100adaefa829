import logging

import pytest

from snipersight.bot.notifications.channels.vendor_logs import mask_vendor_logs

TOKEN = "123456789:" + "Ab" * 18


@pytest.mark.parametrize("name", ["httpx", "telegram.Bot", "apprise"])
def test_a_token_in_a_library_s_log_is_masked(name: str, caplog: pytest.LogCaptureFixture) -> None:
    mask_vendor_logs()
    mask_vendor_logs()
    logger = logging.getLogger(name)
    assert len(logger.filters) == len(set(logger.filters))
    with caplog.at_level(logging.DEBUG, logger=name):
        logger.info("HTTP Request: %s %s", "POST", f"https://api.telegram.org/bot{TOKEN}/getMe")
    assert caplog.messages == ["HTTP Request: POST https://api.telegram.org/bot***/getMe"]
