"""Profiles from TOML: those shipped with the package, and the user's own, which win by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from snipersight.bootstrap.suggestions import did_you_mean
from snipersight.bootstrap.toml_files import read_toml
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.profile import Profile, parse_profile
from snipersight.performance.windows import Window

_PACKAGE = "snipersight.profiles"
_SUFFIX = ".toml"
# 2024-01-01 to 2024-09-05: by these months the values of the shipped profiles were chosen, for the
# number of plans they make of them.
TUNED: Final = Window(1_704_067_200_000, 1_725_580_800_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFile:
    """A profile that can be loaded.

    Args:
        name: the file's name without suffix, by which the user asks for it.
        file: where it is read from.
        is_own: it is the user's own, not shipped.
    """

    name: str
    file: Path | Traversable
    is_own: bool

    def load(self) -> Profile:
        """Return the profile.

        Raises:
            ConfigInvalid: the file is no TOML (with the line), holds unknown keys or impossible
                values (all of them), or calls itself by another name than the file's.
        """
        profile = parse_profile(read_toml(self.file), where=str(self.file))
        if profile.name != self.name:
            raise ConfigInvalid(
                f"the profile calls itself {profile.name!r}",
                where=str(self.file),
                next_step=f'set name = "{self.name}" or rename the file to {profile.name}.toml',
            )
        return profile


def list_profiles(own_folder: Path) -> Mapping[str, ProfileFile]:
    """Return every profile that can be asked for, sorted by name; nothing is read yet.

    Args:
        own_folder: the user's profiles; it may be absent.
    """
    shipped = {
        entry.name.removesuffix(_SUFFIX): (entry, False)
        for entry in files(_PACKAGE).iterdir()
        if entry.name.endswith(_SUFFIX)
    }
    own = {path.stem: (path, True) for path in own_folder.glob(f"*{_SUFFIX}")}
    return {
        name: ProfileFile(name=name, file=file, is_own=is_own)
        for name, (file, is_own) in sorted({**shipped, **own}.items())
    }


def load_profile(name: str, *, own_folder: Path) -> Profile:
    """Return a profile by name, the user's own before the shipped one.

    Raises:
        ConfigInvalid: there is none of that name, or its file is wrong (`ProfileFile.load`).
    """
    known = list_profiles(own_folder)
    if name not in known:
        raise ConfigInvalid(
            f"there is no profile {name!r}",
            where="--profile",
            next_step=did_you_mean(name, known, lister="snipersight profiles"),
        )
    return known[name].load()


def is_as_shipped(profile: Profile) -> bool:
    """Return whether all values are those of one shipped profile, whatever its name.

    How much is risked does not count: limits lower it, and a result in R hardly depends on it.
    """
    risk = {"risk_fraction": profile.sizing.risk_fraction}
    return any(
        one.model_copy(update={"sizing": one.sizing.model_copy(update=risk)}).values_hash
        == profile.values_hash
        for one in _shipped()
    )


@cache
def _shipped() -> tuple[Profile, ...]:
    known = list_profiles(Path(os.devnull)).values()
    return tuple(one.load() for one in known)
