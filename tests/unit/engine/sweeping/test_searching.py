"""What a search asks for: nothing twice, the same with the same seed, better where it learns."""

import pytest

from snipersight.engine.sweeping.axes import Axis, Choice, Space
from snipersight.engine.sweeping.searching import BATCH, SearchKind, drawn, search_of


def a_space(*sizes: int) -> Space:
    return Space(
        axes=tuple(
            Axis(name=f"p{number}", values=tuple(map(str, range(size))))
            for number, size in enumerate(sizes)
        )
    )


def distance(choice: Choice) -> float:
    """Return how far from (20, 5) a choice is: the worth of being near."""
    return -float((choice[0] - 20) ** 2 + (choice[1] - 5) ** 2)


def asked(kind: SearchKind, space: Space, runs: int, *, seed: int = 1) -> list[list[Choice]]:
    search, batches = search_of(kind, space, runs, seed=seed), []
    while batch := search.ask():
        batches.append(list(batch))
        search.tell({one: distance(one) for one in batch})
    return batches


def flat(batches: list[list[Choice]]) -> list[Choice]:
    return [one for batch in batches for one in batch]


def test_a_grid_is_everything_in_order():
    space = a_space(3, 2)
    assert flat(asked(SearchKind.GRID, space, 1)) == list(space.choices())


@pytest.mark.parametrize("kind", [SearchKind.RANDOM, SearchKind.BAYES])
@pytest.mark.parametrize("runs", [1, 7, 6, 40])
def test_as_many_as_were_asked_for_come_and_none_twice(kind, runs):
    found = flat(asked(kind, a_space(3, 2), runs))
    assert len(found) == len(set(found)) == min(runs, 6)


@pytest.mark.parametrize("kind", [SearchKind.RANDOM, SearchKind.BAYES])
def test_a_seed_decides_what_is_asked_for(kind):
    space = a_space(30, 10)
    first, again = asked(kind, space, 24), asked(kind, space, 24)
    assert first == again
    assert asked(kind, space, 24, seed=2) != first


def test_a_longer_draw_begins_with_the_shorter_one():
    space = a_space(30, 10)
    assert list(drawn(space, 50, seed=3).ask())[:20] == list(drawn(space, 20, seed=3).ask())


def test_a_search_that_learns_is_asked_in_batches_of_one_size():
    batches = asked(SearchKind.BAYES, a_space(30, 10), 20)
    assert [len(one) for one in batches] == [BATCH, BATCH, 20 - 2 * BATCH]


def test_a_search_that_learns_comes_nearer_than_lots():
    space = a_space(40, 40)
    tried = [SearchKind.BAYES, SearchKind.RANDOM]
    means = [
        sum(max(map(distance, flat(asked(kind, space, 48, seed=seed)))) for seed in range(4)) / 4
        for kind in tried
    ]
    assert means[0] > means[1]


def test_who_is_done_first_does_not_matter_to_what_is_learned():
    space, orders = a_space(30, 10), []
    for turn in (1, -1):
        search, found = search_of(SearchKind.BAYES, space, 24, seed=5), list[Choice]()
        while batch := search.ask():
            found += batch
            search.tell({one: distance(one) for one in list(batch)[::turn]})
        orders.append(found)
    assert orders[0] == orders[1]


def test_what_failed_is_not_asked_for_again():
    search, found = search_of(SearchKind.BAYES, a_space(4, 3), 12, seed=1), list[Choice]()
    while batch := search.ask():
        found += batch
        search.tell(dict.fromkeys(batch, None))
    assert len(found) == len(set(found)) == 12
