import pytest

from snipersight.domain.access import Caller, Scope
from snipersight.domain.people import Role

READ, TRADE, ADMIN = Scope.READ, Scope.TRADE, Scope.ADMIN


@pytest.mark.parametrize(
    ("held", "covered"),
    [(READ, {READ}), (TRADE, {READ, TRADE}), (ADMIN, {READ, TRADE, ADMIN})],
)
def test_a_scope_covers_itself_and_what_is_less(held, covered):
    assert {least for least in Scope if held.covers(least)} == covered
    assert {least for least in Scope if Caller(name="laptop", scope=held).may(least)} == covered


def test_scopes_are_the_roles_of_people():
    assert [scope.role for scope in Scope] == [Role.VIEWER, Role.TRADER, Role.ADMIN]


def test_the_audit_knows_a_caller_by_channel_and_token_name():
    assert Caller(name="laptop", scope=READ).actor == "dashboard:laptop"
