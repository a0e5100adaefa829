import subprocess
import sys
from importlib.resources import files

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from snipersight.bot.notifications.wording import templating
from snipersight.bot.notifications.wording.escaping import Markdown

TEMPLATES = files("snipersight.bot.notifications") / "templates"


@pytest.fixture
def rendered(monkeypatch):
    """Render a template given as text."""

    def render(source, **values):
        monkeypatch.setattr(templating, "_source", lambda _name: source)
        templating._environment.cache_clear()
        return templating.render("any", **values)

    yield render
    templating._environment.cache_clear()


def test_text_is_escaped_and_markdown_is_not(rendered):
    assert rendered("**{{ v }}** {{ v }}", v="*a*") == "**\\*a\\*** \\*a\\*"
    assert rendered("{{ v }}", v=Markdown("*a*")) == "*a*"


@pytest.mark.parametrize("source", ["{{ v ~ '' }}", "{{ v|trim }}", "{{ v[0:] }}", "{{ '*a*' }}"])
def test_no_way_around_the_escaping(rendered, source):
    assert rendered(source, v="*a*") == "\\*a\\*"


@pytest.mark.parametrize("value", [1.5, 3, None, ["a"], True])
def test_what_is_no_text_is_refused(rendered, value):
    with pytest.raises(TypeError, match="numbers are worded before"):
        rendered("{{ v }}", v=value)


def test_a_name_that_is_not_given_is_an_error(rendered):
    with pytest.raises(UndefinedError, match="missing"):
        rendered("{{ missing }}")
    with pytest.raises(UndefinedError, match="no attribute 'nope'"):
        rendered("{{ v.nope }}", v=rendered)


def test_templates_reach_nothing_inside_python(rendered):
    with pytest.raises(SecurityError):
        rendered("{{ v.__class__.__mro__ }}", v="a")


def test_a_template_that_is_not_there_is_named():
    with pytest.raises(TemplateNotFound, match=r"nothing\.md"):
        templating.render("nothing")


def test_the_specified_templates_are_in_the_package():
    names = {template.name for template in TEMPLATES.iterdir()}
    assert {"signal_template.md", "batch_summary_template.md"} <= names


def test_nothing_heavy_is_imported_before_the_first_message():
    code = (
        "import sys; import snipersight.bot.notifications.formatters; "
        "print(sorted({'jinja2', 'markdown_it', 'telegram', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_templates_can_be_compiled_before_one_is_wanted():
    templating._environment.cache_clear()
    templating.load_templates()
    compiled = {name for _loader, name in templating._environment().cache or {}}
    assert compiled == {file.name for file in TEMPLATES.iterdir() if file.name.endswith(".md")}
    assert compiled
