"""What a measurement was taken on: a number without its machine says nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("numba", "numpy")


def describe_machine() -> dict[str, str]:
    """Return CPU, cores, Python, system and the packages that do the computing."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return {
        "CPU": cpu_name(),
        "cores": str(usable_cores()),
        "Python": f"{python} ({packages})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def usable_cores() -> int:
    """Return the cores this process may use, which a container makes fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name as Linux or macOS tell it, else its architecture."""
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(named, platform.machine())
    if platform.system() == "Darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def load_text() -> str:
    """Return the load averages; above the number of cores, absolute figures are too slow."""
    one, five, fifteen = os.getloadavg()
    return f"{one:.2f} {five:.2f} {fifteen:.2f} (1, 5, 15 minutes)"
