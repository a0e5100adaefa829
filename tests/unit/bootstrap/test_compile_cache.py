import os
import resource
import subprocess
import sys
import time

import pytest

import snipersight
from snipersight.bootstrap.compile_cache import configure_compile_cache, kernel_fingerprint


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # so that it is restored afterwards


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Stand a small package in for ours, whose sources the test may change."""
    root = tmp_path / "package"
    (root / "analysis").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "analysis" / "helper.py").write_text("X = 1\n")
    monkeypatch.setattr(snipersight, "__file__", str(root / "__init__.py"))
    return root / "analysis"


def test_the_folder_lies_in_the_home_and_numba_is_told(tmp_path):
    cache = configure_compile_cache(tmp_path)
    assert cache.path == tmp_path / "cache" / "kernels" / kernel_fingerprint()
    assert os.environ["NUMBA_CACHE_DIR"] == str(cache.path)
    assert cache.is_cold


def test_a_changed_helper_means_another_folder(tmp_path, sources, monkeypatch):
    before = configure_compile_cache(tmp_path).path
    (sources / "helper.py").write_text("X = 2\n")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    assert configure_compile_cache(tmp_path).path != before


def test_a_renamed_source_means_another_fingerprint(sources):
    before = kernel_fingerprint()
    (sources / "helper.py").rename(sources / "other.py")
    assert kernel_fingerprint() != before


def test_a_folder_the_user_chose_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    cache = configure_compile_cache(tmp_path / "home")
    assert cache.path == tmp_path / "mine"
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "mine")
    assert not (tmp_path / "home").exists()


def test_the_cache_is_warm_once_a_run_said_so_and_cold_again_after_a_change(
    tmp_path, sources, monkeypatch
):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cache = configure_compile_cache()
    assert cache.is_cold
    cache.remember_warm()
    assert not configure_compile_cache().is_cold
    (sources / "helper.py").write_text("X = 2\n")
    assert configure_compile_cache().is_cold


def test_a_home_that_cannot_be_written_falls_back_to_a_private_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "file").write_text("")
    cache = configure_compile_cache(tmp_path / "file")
    assert cache.path.parent == tmp_path / f"snipersight-kernels-{os.getuid()}"
    assert cache.path.parent.stat().st_mode & 0o077 == 0


def test_a_temporary_folder_that_others_can_enter_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "file").write_text("")
    open_to_all = tmp_path / f"snipersight-kernels-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    cache = configure_compile_cache(tmp_path / "file")
    assert open_to_all not in cache.path.parents


def test_folders_of_earlier_sources_go_when_they_are_old(tmp_path):
    kernels = tmp_path / "cache" / "kernels"
    ages_days = {"old": 8, "recent": 6}
    for name, days in ages_days.items():
        (kernels / name).mkdir(parents=True)
        used = time.time() - days * 86_400
        os.utime(kernels / name, (used, used))
    current = configure_compile_cache(tmp_path).path
    assert sorted(path.name for path in kernels.iterdir()) == sorted(["recent", current.name])


def test_of_many_folders_the_newest_stay_and_those_in_use_too(tmp_path):
    kernels = tmp_path / "cache" / "kernels"
    for hours in range(1, 13):
        (kernels / f"h{hours:02d}").mkdir(parents=True)
        used = time.time() - hours * 3600 - 60
        os.utime(kernels / f"h{hours:02d}", (used, used))
    (kernels / "now").mkdir()
    configure_compile_cache(tmp_path)
    left = {path.name for path in kernels.iterdir()}
    assert {"now", "h01", "h07"} <= left
    assert "h12" not in left


def test_importing_it_is_cheap():
    code = "import sys, snipersight.bootstrap.compile_cache; print(sorted({'numba', 'numpy'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_disk_without_room_for_kernels_is_passed_over(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        cache = configure_compile_cache(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not cache.path.is_relative_to(tmp_path)
