"""What is drawn beforehand is what charts are made of."""

import subprocess
import sys

from snipersight.charts.rehearsal import example_picture
from snipersight.charts.shapes import Lines, Polygons, Role
from snipersight.domain.annotations import ZoneKind
from tests.unit.charts.pictures import a_full_picture, a_scene, labels

NOTHING_MORE_IS_LOADED = """
import sys
from snipersight.charts import render_plan
from snipersight.charts.rehearsal import rehearse
from tests.unit.charts.pictures import a_full_picture

picture = a_full_picture()
rehearse()
loaded = set(sys.modules)
render_plan(picture)
print(*sorted(set(sys.modules) - loaded))
"""


def test_a_chart_finds_everything_loaded():
    command = [sys.executable, "-c", NOTHING_MORE_IS_LOADED]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.split() == []


def test_every_kind_of_text_and_shape_is_drawn():
    drawn, full = a_scene(example_picture()), a_scene(a_full_picture())
    assert {label.role for label in labels(drawn)} == {label.role for label in labels(full)}
    assert set(Role) - {label.role for label in labels(drawn)} == set()
    assert {type(shape) for shape in drawn} >= {Polygons, Lines}
    assert {zone.kind for zone in example_picture().zones} == set(ZoneKind)


def test_most_letters_of_a_chart_are_measured_before():
    measured = set("".join(label.text for label in labels(a_scene(example_picture()))))
    wanted = [letter for label in labels(a_scene(a_full_picture())) for letter in label.text]
    assert sum(letter in measured for letter in wanted) > 0.9 * len(wanted)
