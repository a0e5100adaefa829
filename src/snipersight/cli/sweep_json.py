"""What a sweep shows, as a document for programs, `snipersight.sweep/1`, and as rows of a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.evidence.sweep_reading import FIGURES
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept
    from snipersight.bootstrap.evidence.sweep_campaign import Trial
    from snipersight.engine.sweeping.choosing import FoldChoice
    from snipersight.engine.sweeping.combining import Histories

SCHEMA: Final = "snipersight.sweep/1"
_MADE, _FAILED = "made", "failed"


def sweep_json(swept: Swept) -> dict[str, Any]:
    """Return a sweep as values of JSON.

    What is said does not depend on who made the runs, nor on how many were there before.
    """
    judged, request = swept.judged, swept.request
    verdict = judged.study.verdict
    return {
        "schema": SCHEMA,
        "profile": request.recorded.profile.name,
        "search": request.search.value,
        "seed": request.seed,
        "from": iso_of(swept.period.start_ms),
        "to": iso_of(swept.period.end_ms),
        "markets": list(judged.study.result.markets),
        "varied": {one.name: list(one.values) for one in request.variants.space.axes},
        "combinations": len(request.variants.space),
        "runs": [_run(swept, place, one) for place, one in enumerate(swept.trials, start=1)],
        "best": swept.made[judged.best] + 1,
        "trials": judged.study.trials.count,
        "verdict": {
            "finding": verdict.finding.value,
            "sentence": verdict.sentence,
            "reasons": [asdict(one) for one in verdict.reasons],
        },
        "walk_forward": [_fold(swept, one) for one in judged.folds],
        "cross_validation": _histories(judged.histories),
        "overfitting": None if judged.luck is None else asdict(judged.luck),
    }


def sweep_rows(swept: Swept) -> list[dict[str, Any]]:
    """Return one row a run: its number, its values, its figures, in the order they were asked for.

    Values are text as they were written; figures are numbers, empty where one is not defined.
    """
    return [_row(swept, place, one) for place, one in enumerate(swept.trials, start=1)]


def _row(swept: Swept, place: int, trial: Trial) -> dict[str, Any]:
    run = trial.run
    return {
        "run": place,
        "status": _FAILED if run is None else _MADE,
        **_values(swept, trial),
        **{name: None if run is None else run.metrics[name] for name in FIGURES},
        "is_best": trial is swept.best,
        "run_id": None if run is None else run.run_id,
        "profile_hash": None if run is None else run.profile_hash,
        "failure": trial.failure or None,
    }


def _run(swept: Swept, place: int, trial: Trial) -> dict[str, Any]:
    run = trial.run
    return {
        "run": place,
        "run_id": None if run is None else run.run_id,
        "values": _values(swept, trial),
        "figures": None if run is None else {name: run.metrics[name] for name in FIGURES},
        "failure": trial.failure or None,
    }


def _values(swept: Swept, trial: Trial) -> dict[str, str]:
    space = swept.request.variants.space
    names = (one.name for one in space.axes)
    return dict(zip(names, space.values(trial.choice), strict=True))


def _histories(found: Histories | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "sharpes": found.sharpes.tolist(),
        "returns": found.gains.tolist(),
        "ways": found.ways,
        "purge_days": found.purge_days,
    }


def _fold(swept: Swept, fold: FoldChoice) -> dict[str, Any]:
    (train,), (test,) = fold.fold.train, fold.fold.test
    return {
        "chosen_from": iso_of(train.start_ms),
        "chosen_to": iso_of(train.end_ms),
        "judged_from": iso_of(test.start_ms),
        "judged_to": iso_of(test.end_ms),
        "run": swept.made[fold.chosen] + 1,
        "sharpe_chosen": fold.train_sharpe,
        "sharpe_judged": fold.test_sharpe,
        "return": fold.test_return,
        "middle_return": fold.middle_return,
        "better": fold.better,
    }
