"""Binance's error codes, spot and USD-M: what each means for what was asked.

From the exchange's lists of errors and of messages; a code that is on neither list is not here.
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

# Wrong requests: they never reach the matching engine.
_MALFORMED: Final = (
    *range(-1106, -1099),
    *(-1108, -1114, -1115, -1116, -1117, -1118, -1119, -1120, -1121, -1122, -1125, -1127, -1128),
    *(-1130, -1134, -1135, -1139, -1145, -1151, -1152, -1153, -1155, -1158, -1160, -1161, -1165),
    *(-1166, -1168, *range(-1180, -1168), -1182, *range(-1190, -1182), -1191, -1194, -1196, -1197),
    *(-1198, -1199, -1210, -1211, -1220, -1221, -1222, -1223, -1224, -1225),
)

_BOTH: Final = (
    (UNKNOWN, (-1000, -1001, -1006, -1007)),
    # -1021: our clock. -1112: an empty book. -1015, -1034, -1181: too many of something.
    (LATER, (-1003, -1008, -1015, -1021, -1034, -1035, -1112, -1181)),
    (STOP, (-1002, -1016, -1022, -1099, -1109, -2008, -2014, -2015)),
    (FILTER, (-1111,)),
    (REFUSED, (-1014, -1020, -1033, *_MALFORMED)),
    (NOT_FOUND, (-2011, -2013)),
    (FUNDS, (-2018, -2019)),
)

SPOT: Final[Mapping[str, Meaning]] = table(
    (
        *_BOTH,
        (REFUSED, (-1010, -1013, -2010, -2022, -2038, -2039, -2042, -2043)),
        (CLOSED, (-2016,)),
        (UNKNOWN, (-2021,)),  # one half of a cancel-and-replace failed, the other did not
        (NOT_FOUND, (-2026,)),  # archived: it ended long ago without a fill
        (HARMLESS, (-2035, -2036)),
    )
)

USDM: Final[Mapping[str, Meaning]] = table(
    (
        *_BOTH,
        (REFUSED, (-1010, -1013, -2010, -2020, -2023, -2026, -2027)),
        (WOULD_TRIGGER, (-2021, -4142)),
        (NOTHING_TO_REDUCE, (-2022, -2024, -4118)),
        (TOO_MANY, (-2025, -4045)),
        (FUNDS, (-2028, -4050, -4051)),
        (FILTER, (*range(-4007, -3999), -4013, -4014, -4016, -4023, -4024, -4131, -4164)),
        (FILTER, (-4183, -4184, -4185, -5024)),
        (HARMLESS, (-4046, -4059, -5027)),
        (DUPLICATE, (-4116, -20132)),
        (CLOSED, (-4140, -4141, -4086, -4087, -4400)),
        (STOP, (-4109, -4192, -4202, -4401, -4402, -4403)),
        # -5028: it reached the matching engine too late, and was turned away there.
        (LATER, (-5028,)),
        (NOT_FOUND, (-20124,)),
        (
            REFUSED,
            (
                *(-4008, -4009, -4010, -4011, -4012, -4015, -4017, -4018, -4019, -4020, -4021),
                *(-4022, -4025, -4026, -4027, -4028, -4029, -4030, -4031, -4032, -4033, -4044),
                *(-4047, -4048, -4049, -4052, -4053, -4054, -4055, -4056, -4057, -4058, -4060),
                *(-4061, -4062, -4063, -4064, -4065, -4066, -4067, -4068, -4069, -4070, -4071),
                *(-4072, -4073, -4074, -4075, -4076, -4077, -4078, -4079, -4080, -4081, -4082),
                *(-4083, -4084, -4085, -4088, -4104, -4105, -4106, -4107, -4108, -4110, -4112),
                *(-4113, -4114, -4115, -4117, -4120, -4135, -4136, -4137, -4138, -4139, -4144),
                *(-4161, -4165, -4167, -4168, -4169, -4170, -4171, -4172, -4178, -4188, -4203),
                *(-4205, -4206, -4208, -4209, -4210, -4211, -5021, -5022, -5025, -5026, -5029),
                *(-20121, -20130, -20195, -20196, -20198, -20204),
            ),
        ),
    )
)

# Codes -1010, -1013, -2010 and -2011 say by their words what they mean; the first match counts.
MESSAGES: Final[tuple[tuple[str, Meaning], ...]] = (
    ("unknown order sent", NOT_FOUND),
    ("duplicate order sent", DUPLICATE),
    ("market is closed", CLOSED),
    ("insufficient balance", FUNDS),
    ("trigger immediately", WOULD_TRIGGER),
    ("immediately trigger", WOULD_TRIGGER),
    # Of a pair: the price is beyond the stop or beyond the target already.
    ("relationship of the prices", WOULD_TRIGGER),
    ("max_num", TOO_MANY),
    ("filter failure", FILTER),
    ("price * qty is zero or less", FILTER),
    ("order book liquidity", LATER),
    ("action is disabled on this account", STOP),
    ("may not place or cancel orders", STOP),
    ("trading is not enabled", STOP),
    ("would change no state", HARMLESS),
)
BY_MESSAGE: Final = frozenset({"-1010", "-1013", "-2010", "-2011"})
