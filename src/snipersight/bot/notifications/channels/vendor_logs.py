"""Libraries log the addresses they call, and in Telegram's the token stands in the address."""

from __future__ import annotations

import logging
from typing import Final

from snipersight.bot.telemetry.masking import mask

# A filter sees only what is logged under the very name it is set on, so each is listed.
_LOGGERS: Final = (
    *("httpx", "telegram.Bot", "telegram.request.BaseRequest", "telegram.request.HTTPXRequest"),
    *("apprise", "aiohttp.client"),
)


def mask_vendor_logs() -> None:
    """Have what these libraries log masked, whoever set up logging; as often as one likes."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_mask_record)  # the same filter is added once


def _mask_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = mask(record.getMessage()), ()
    return True
