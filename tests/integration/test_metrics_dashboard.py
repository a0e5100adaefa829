"""The dashboard, the alerts and our metrics on a real Prometheus: every query has an answer."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from snipersight.bootstrap.metrics.opening import open_metrics
from snipersight.bootstrap.running.vital_metrics import run_families
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.bootstrap.settings import VARIABLES
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of, served
from tests.builders.metric_homes import fill_home

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/snipersight-dashboard.json").read_text())
# What Grafana puts in the place of its variables.
VARIABLES_OF_GRAFANA = {
    "$account": ".*",
    "$origin": ".*",
    "$profile": ".*",
    "$__rate_interval": "10s",
}

if not (shutil.which("prometheus") and shutil.which("promtool")):
    pytest.skip("needs Prometheus: apt install prometheus", allow_module_level=True)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def registry(tmp_path_factory, monkeypatch_module):
    """Yield the metrics of a home in which everything has happened."""
    import asyncio

    folder = tmp_path_factory.mktemp("metrics")
    for name in VARIABLES:
        monkeypatch_module.delenv(name, raising=False)
    monkeypatch_module.setenv("SNIPERSIGHT_HOME", str(folder / "home"))
    settings = asyncio.run(fill_home(folder))
    vitals = Vitals()
    vitals.ready()
    vitals.beat("sender")
    with open_metrics(settings, more={"run": lambda: run_families(vitals.health())}) as collector:
        yield registry_of(collector)


@pytest.fixture(scope="module")
def prometheus(registry, tmp_path_factory):
    """Yield the address of a Prometheus that has scraped our endpoint several times."""
    folder = tmp_path_factory.mktemp("prometheus")
    with served(registry, host="127.0.0.1", port=0) as address:
        config = (DEPLOY / "prometheus/prometheus.yml").read_text()
        target = urllib.parse.urlsplit(address).netloc
        config = config.replace("127.0.0.1:9464", target).replace("15s", "300ms")
        (folder / "prometheus.yml").write_text(config)
        shutil.copy(DEPLOY / "prometheus/alerts.yml", folder)
        with running(folder) as at:
            wait_for(lambda: scrapes(at) >= 4)
            yield at


class running:  # noqa: N801 - reads as a sentence in a with statement
    """A Prometheus of its own in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        arguments = (
            *("prometheus", f"--config.file={self.folder / 'prometheus.yml'}"),
            *(f"--storage.tsdb.path={self.folder / 'data'}", "--log.level=error"),
            f"--web.listen-address=127.0.0.1:{port}",
        )
        log = (self.folder / "log").open("wb")
        with log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{address}/-/ready"))
        return address

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


def wait_for(condition: Any, *, seconds: float = 40) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s, "it did not come to that"
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def scrapes(address: str) -> float:
    found = ask(address, "query", query='count_over_time(up{job="snipersight"}[1m])')
    return float(found[0]["value"][1]) if found else 0.0


def ask(address: str, what: str, **parameters: str) -> Any:
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{address}/api/v1/{what}?{query}", timeout=10) as answer:
        told = json.loads(answer.read())
    assert told["status"] == "success", told
    return told["data"]["result"] if isinstance(told["data"], dict) else told["data"]


def queries() -> list[tuple[str, str]]:
    return [
        (panel["title"], target["expr"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ]


def filled(expression: str) -> str:
    for name, value in VARIABLES_OF_GRAFANA.items():
        expression = expression.replace(name, value)
    return expression


@pytest.mark.parametrize(("title", "expression"), queries())
def test_every_query_of_the_dashboard_answers_with_data(prometheus, title, expression):
    assert "$" not in filled(expression)
    found = ask(prometheus, "query", query=filled(expression))
    assert found, f"{title}: {expression} has no data"
    assert all(one["value"][1] != "NaN" for one in found)


def test_every_variable_of_the_dashboard_has_values(prometheus):
    wanted = [
        re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"])
        for variable in DASHBOARD["templating"]["list"]
        if variable["type"] == "query"
    ]
    for match in wanted:
        assert match is not None
        metric, label = match.groups()
        told = ask(prometheus, f"label/{label}/values", **{"match[]": metric})
        assert told, f"{label} of {metric} has no value"


def test_alerts_speak_of_what_is_wrong_and_of_nothing_else(prometheus):
    # A message was given up, notices wait by the clock of the desk, the only scan is of 2023.
    wait_for(lambda: "MessagesGivenUp" in fires(prometheus))
    assert fires(prometheus) == {"MessagesGivenUp", "MessagesWait", "NoScan"}


def fires(address: str) -> set[str]:
    """Return the alerts that are pending or firing."""
    with urllib.request.urlopen(f"{address}/api/v1/alerts", timeout=10) as answer:
        told = json.loads(answer.read())["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in told}


def test_our_metrics_follow_the_conventions(registry):
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=metrics_text(registry),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
)
def test_the_files_for_prometheus_are_sound(arguments):
    checked = subprocess.run(
        ["promtool", *arguments],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_metric_of_the_dashboard_and_the_alerts_is_ours(registry):
    names = {
        line.split()[2] for line in metrics_text(registry).splitlines() if line.startswith("# TYPE")
    }
    asked = " ".join(expression for _, expression in queries())
    asked += (DEPLOY / "prometheus/alerts.yml").read_text()
    assert set(re.findall(r"\bsnipersight_\w+", asked)) - names == set()


def test_the_dashboard_can_be_imported_anywhere():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert DASHBOARD["id"] is None
    assert DASHBOARD["schemaVersion"] >= 39
    sources = {
        part["datasource"]["uid"]
        for panel in DASHBOARD["panels"]
        for part in (panel, *panel.get("targets", ()))
        if "datasource" in part
    }
    assert sources == {"${datasource}"}


def test_panels_lie_beside_each_other_and_not_upon_each_other():
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
