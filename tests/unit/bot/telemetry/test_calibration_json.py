import json

import numpy as np
import pytest

from snipersight.bot.telemetry.calibration_json import decode_calibration, encode_calibration
from snipersight.bot.telemetry.statistics.calibration import calibration_of
from snipersight.domain.errors import DataInvalid
from tests.builders.evidence_tables import a_table, scored

SCORE = np.random.default_rng(1).uniform(50, 95, 500)
KNOWN = calibration_of(scored(SCORE, (SCORE - 40) / 100, seed=1))


@pytest.mark.parametrize("known", [KNOWN, calibration_of(a_table(3))])
def test_a_calibration_comes_back_as_it_was(known):
    assert decode_calibration(encode_calibration(known)) == known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        encode_calibration(KNOWN).replace(f'"{KNOWN.verdict.value}"', '"certain"'),
        json.dumps(json.loads(encode_calibration(KNOWN)) | {"n": "many"}),
        json.dumps(json.loads(encode_calibration(KNOWN)) | {"bins": [{}]}),
        json.dumps(json.loads(encode_calibration(KNOWN)) | {"curve": [1]}),
    ],
)
def test_what_is_no_calibration_is_refused(text):
    with pytest.raises(DataInvalid, match="is no calibration"):
        decode_calibration(text)
