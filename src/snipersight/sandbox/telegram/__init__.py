"""A Telegram of one's own: a Bot API server that an unmodified client talks to."""

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.chats import ChatKind, SandboxChat, Standing
from snipersight.sandbox.telegram.faults import FaultKind, FaultPlan
from snipersight.sandbox.telegram.limits import RateLimits
from snipersight.sandbox.telegram.messages import SandboxUser, SentMessage
from snipersight.sandbox.telegram.server import TelegramSandbox
from snipersight.sandbox.telegram.tokens import SANDBOX_TOKEN
from snipersight.sandbox.telegram.world import Clock

__all__ = [
    "SANDBOX_TOKEN",
    "ChatKind",
    "Clock",
    "FaultKind",
    "FaultPlan",
    "RateLimits",
    "Refusal",
    "SandboxChat",
    "SandboxUser",
    "SentMessage",
    "Standing",
    "TelegramSandbox",
]
