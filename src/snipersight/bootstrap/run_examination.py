"""The preflight of the running bot: who may talk to it, where it answers, what it tells plug-ins."""

from __future__ import annotations

import socket
from typing import Final

from snipersight.bootstrap.operating.people import roster_of, silence_of
from snipersight.bootstrap.running.vital_asking import HealthAnswer, asked_health
from snipersight.bootstrap.settings import Settings
from snipersight.domain import wording as texts
from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.people import Role
from snipersight.domain.venue import Finding, FindingLevel

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def run_findings(settings: Settings) -> list[Finding]:
    """Return what there is to say of the settings of a running bot, and of one that runs."""
    return [people_finding(settings), *listen_findings(settings), *hook_findings(settings)]


def people_finding(settings: Settings) -> Finding:
    """Return who may talk to the bot."""
    silence = silence_of(settings)
    if silence is not None:
        return Finding(name="people", level=FindingLevel.SKIPPED, sentence=silence)
    roster = roster_of(settings)
    counts = [(role, sum(held is role for held in roster.roles.values())) for role in Role]
    who = ", ".join(
        texts.counted(count, role.name.lower()) for role, count in reversed(counts) if count
    )
    rest = "" if roster.has(Role.TRADER) else "; none of them may approve a trade"
    return Finding(
        name="people", level=FindingLevel.OK, sentence=f"{who} may talk to the bot{rest}"
    )


def listen_findings(settings: Settings) -> list[Finding]:
    """Return where a bot answers, whether one runs there, and how it is."""
    listen = settings.listen_address
    if listen is None:
        sentence = "RUN_LISTEN is none: a running bot cannot be asked how it is"
        return [Finding(name="listen", level=FindingLevel.OK, sentence=sentence)]
    found = [_at(listen)]
    if listen[0] not in _LOOPBACK:
        sentence = f"whoever reaches {settings.run_listen} reads balances and positions"
        found.append(Finding(name="listen", level=FindingLevel.WARNING, sentence=sentence))
    return found


def hook_findings(settings: Settings) -> list[Finding]:
    """Return whether each plug-in that is named is installed; none is loaded."""
    if not settings.hooks:
        return []
    from snipersight.bot.hooks.finding import find_hook

    return [_hook(name, find_hook(name)) for name in settings.hooks]


def _hook(name: str, point: object) -> Finding:
    title = f"plug-in {name}"
    if isinstance(point, str):
        return Finding(name=title, level=FindingLevel.FAILED, sentence=point)
    sentence = "is installed; `snipersight hooks` tries whether it works"
    return Finding(name=title, level=FindingLevel.OK, sentence=sentence)


def _at(listen: tuple[str, int]) -> Finding:
    where = f"{listen[0]}:{listen[1]}"
    try:
        return _running(asked_health(listen), where)
    except VenueUnavailable as error:
        if _is_free(listen):
            sentence = f"no bot runs; one would answer at {where}"
            return Finding(name="listen", level=FindingLevel.OK, sentence=sentence)
        return Finding(
            name="listen",
            level=FindingLevel.FAILED,
            sentence=f"no bot can answer at {where}, {error.what}: name another RUN_LISTEN",
        )


def _running(answer: HealthAnswer, where: str) -> Finding:
    if answer.is_healthy:
        sentence = f"a bot answers at {where}: {answer.status}"
        return Finding(name="listen", level=FindingLevel.OK, sentence=sentence)
    sentence = f"the bot at {where} hangs: {answer.status}; end it and start it again"
    return Finding(name="listen", level=FindingLevel.FAILED, sentence=sentence)


def _is_free(listen: tuple[str, int]) -> bool:
    try:
        with socket.create_server(listen, family=_family_of(listen)):
            return True
    except OSError:
        return False


def _family_of(listen: tuple[str, int]) -> socket.AddressFamily:
    return socket.getaddrinfo(listen[0], listen[1], type=socket.SOCK_STREAM)[0][0]
