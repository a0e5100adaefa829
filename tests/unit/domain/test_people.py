"""Who may say what."""

from snipersight.domain.people import Person, Role, Roster


def test_whoever_is_in_several_lists_has_the_highest_role():
    roster = Roster.of(admins=["1"], traders=["1", "2"], viewers=["1", "2", "3"])
    assert [roster.role_of(one) for one in "1234"] == [Role.ADMIN, Role.TRADER, Role.VIEWER, None]


def test_a_roster_knows_whether_anybody_may():
    viewers = Roster.of(viewers=["3"])
    assert viewers.has(Role.VIEWER)
    assert not viewers.has(Role.TRADER)
    assert not Roster().has(Role.VIEWER)


def test_the_audit_names_people_by_channel_and_id():
    assert (
        Person(channel="telegram", user_id="7", name="Ann", role=Role.VIEWER).actor == "telegram:7"
    )
