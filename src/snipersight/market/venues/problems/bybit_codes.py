"""Bybit's v5 error codes: what each means for what was asked.

From the exchange's list, its general part and that of orders and positions; loans, earnings,
conversions and the like are never asked for and not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.market.venues.problems.meaning import (
    CLOSED,
    DUPLICATE,
    FILTER,
    FUNDS,
    HARMLESS,
    LATER,
    NOT_FOUND,
    NOTHING_TO_REDUCE,
    REFUSED,
    STOP,
    TOO_MANY,
    UNKNOWN,
    WOULD_TRIGGER,
    Meaning,
    table,
)

CODES: Final[Mapping[str, Meaning]] = table(
    (
        # 40004: changed while it was being replaced. 1701xx: time ran out inside the venue.
        (UNKNOWN, (10000, 10016, 40004, 170001, 170007, 170032, 170035, 170146, 170147, 170234)),
        (UNKNOWN, (170212, 170310, 3400214)),
        # 10002 and -1: our clock. 110079: busy with this very order.
        (LATER, (-1, 429, 10002, 10006, 10018, 10019, 10429, 20003, 30035, 110079, 110118)),
        (LATER, (170005, 170191, 170222)),
        (STOP, (-2015, 33004, 10003, 10004, 10005, 10007, 10008, 10009, 10010, 10017, 10024)),
        (STOP, (10027, 10028, 100028, 110018, 110069, 110088, 110123, 110124, 110125, 110132)),
        (STOP, (3100197, 170348)),
        (HARMLESS, (34036, 34040, 110025, 110026, 110027, 110043, 110075)),
        (FUNDS, (110004, 110006, 110007, 110012, 110014, 110044, 110045, 110047, 110051, 110052)),
        (FUNDS, (110053, 170033, 170131)),
        # Ended: filled or cancelled. What became of it has to be asked.
        (NOT_FOUND, (110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213)),
        (DUPLICATE, (10014, 110030, 110072, 170141)),
        (NOTHING_TO_REDUCE, (110017, 110034)),
        (WOULD_TRIGGER, (110092, 110093)),
        (TOO_MANY, (110009, 110020, 110061, 170810)),
        (FILTER, (30208, 30209, 110003, 110094, 110108, 110109, 110120, 110121, 3100116)),
        (FILTER, (170124, 170132, 170133, 170134, 170136, 170137, 170140, 170148, 170192)),
        (FILTER, (170193, 170194, 170203, 170204, 170341, 170371, 170372, 170381, 170382)),
        (CLOSED, (30228, 110023, 110042, 110063, 110066, 110074, 110095, 110103, 110137)),
        (CLOSED, (170031, 170151, 170157, 170159)),
        (REFUSED, (10001, 10029, 10404, 20006, 110005, 110011, 110013, 110015, 110016)),
        (REFUSED, (110019, 110021, 110022, 110024, 110028, 110029, 110031, 110032, 110033)),
        (REFUSED, (110035, 110036, 110037, 110038, 110039, 110040, 110041, 110046, 110048)),
        (REFUSED, (110049, 110050, *range(110054, 110061), 110062, 110064, 110065, 110067)),
        (REFUSED, (110068, 110070, 110071, 110073, 110076, 110077, 110078, 110080, 110082)),
        (REFUSED, (110083, *range(110085, 110088), 110089, 110090, *range(110096, 110103))),
        (REFUSED, (*range(110104, 110108), *range(110110, 110118), 110119, 110131, 110135)),
        (REFUSED, (110136, 3400045, 170010, 170011, 170019, 170034, 170036, 170037, 170105)),
        (REFUSED, (170115, 170116, 170117, 170121, 170130, 170144, 170145, 170149, 170150)),
        (REFUSED, (*range(170195, 170203), 170206, 170207, 170209, 170210, 170215, 170216)),
        (REFUSED, (*range(170217, 170222), 170223, 170224, 170226, 170227, 170228, 170229)),
        (REFUSED, (170230, 170241, 170311, 170312, 170313, 170344, 170346, 170355, 170358)),
        # What setting the margin mode meets.
        (REFUSED, (3100181, 3100326, 3200316, 3200317, 3200320, 3200419, 3200425, 3200641)),
        (REFUSED, (3400052, 3400053, 3400054, 3400071, 3400139, *range(3400208, 3400214))),
        (REFUSED, (3401010, 181017, 182011, *range(182100, 182104), 182108, 182110, 182111)),
        (REFUSED, (182112, 500010, 500011)),
        (REFUSED, (170359, 170360, 170709, *range(30133, 30137), 30256, 3200403)),
    )
)

# Code 10001 is any wrong parameter; one of them means that an attached stop is crossed already.
MESSAGES: Final[tuple[tuple[str, Meaning], ...]] = (
    ("should lower than base_price", WOULD_TRIGGER),
    ("should higher than base_price", WOULD_TRIGGER),
    ("should greater than base_price", WOULD_TRIGGER),
    ("minimum limit", FILTER),
    ("maximum limit", FILTER),
)
BY_MESSAGE: Final = frozenset({"10001"})
