"""What is said about the machine a measurement was taken on."""

import platform
from pathlib import Path

from benchmarks.machine import cpu_name, describe_machine, usable_cores


def test_processor_is_named_as_linux_names_it(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast Chip 9000 @ 3 GHz\nflags\t: fpu\n")
    assert cpu_name(cpuinfo) == "Fast Chip 9000 @ 3 GHz"


def test_processor_without_a_name_is_called_by_its_architecture(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nBogoMIPS\t: 48.00\n")  # as on ARM
    assert cpu_name(cpuinfo) == platform.machine()


def test_description_names_python_and_what_computes() -> None:
    told = describe_machine()
    assert platform.python_version() in told["Python"]
    assert "numba" in told["Python"]
    assert int(told["cores"]) == usable_cores() >= 1
