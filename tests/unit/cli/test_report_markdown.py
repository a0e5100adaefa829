from snipersight.cli.report_markdown import escape, render_markdown
from tests.unit.cli.report_builders import a_ranked_plan, a_refused_plan, a_report


def test_every_table_row_has_as_many_cells_as_its_head():
    report = a_report(plans=[a_ranked_plan(), a_ranked_plan(rank=2)])
    text = render_markdown(report, report.plans, {})
    head, rule, *rows = [line for line in text.splitlines() if line.startswith("|")][:4]
    assert len(rows) == 2
    assert {line.count("|") for line in (head, rule, *rows)} == {16}


def test_refused_plans_are_a_table_of_their_own_with_code_value_and_limit():
    report = a_report(refusals=[a_refused_plan()])
    text = render_markdown(report, report.plans, {})
    head, rule, row = text[text.index("| Refused by") :].splitlines()[:3]
    assert {line.count("|") for line in (head, rule, row)} == {9}
    assert "max\\_cluster | 812.5 | 750 |" in row
    assert "Refused by" not in render_markdown(a_report(), (), {})


def test_a_plan_links_to_its_chart():
    report = a_report()
    charts: dict[str, str] = {report.plans[0].plan.plan_id: "my charts/1.png"}
    assert "[BTC/USDT spot](<my charts/1.png>)" in render_markdown(report, report.plans, charts)


def test_without_plans_there_is_no_table_of_plans():
    assert "No plan passed every gate." in render_markdown(a_report(plans=[]), (), {})


def test_special_characters_are_escaped():
    assert escape("no_setup|<b>*x*") == "no\\_setup\\|\\<b\\>\\*x\\*"
    assert "\n" not in escape("a\nb")
    assert "no\\_setup" in render_markdown(a_report(), (), {})
