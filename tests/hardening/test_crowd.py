"""Who goes where places are scarce: the longest waiting of the address that holds most, and nobody who is answered."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from inventory_service.runtime.http.crowd import Crowd, places_for
from inventory_service.runtime.http.cuts import Cuts, Reason


@dataclass(eq=False)
class Client:
    """`since`: when we began to wait for it; None: it is being answered."""

    address: str
    since: float | None
    late: bool = False
    is_cut: bool = False

    def waiting_since(self) -> float | None:
        return self.since

    def overdue(self, _now: float) -> Reason | None:
        return "slow_head" if self.late else None

    def cut(self) -> None:
        self.is_cut = True


def crowd_of(places: int, *clients: Client) -> Crowd:
    crowd = Crowd(places, Cuts(CollectorRegistry()))
    for client in clients:
        crowd.join(client)
    return crowd


def test_who_is_overdue_goes_and_the_others_stay() -> None:
    late, patient = Client("a", 5.0, late=True), Client("a", 5.0)
    crowd = crowd_of(100, late, patient)
    crowd.look(20.0)
    assert (late.is_cut, patient.is_cut, len(crowd)) == (True, False, 1)


def test_where_all_places_are_taken_the_greediest_address_loses_its_longest_waiting() -> None:
    greedy = [Client("greedy", float(since)) for since in range(80)]
    modest = [Client("modest", 0.0) for _ in range(20)]
    newcomer = Client("new", None)
    crowd = crowd_of(100, *modest, *greedy)
    crowd.join(newcomer)
    cut = [one.since for one in greedy if one.is_cut]
    assert cut == sorted(cut)
    assert cut[0] == 0.0
    assert not any(one.is_cut for one in [*modest, newcomer])
    assert len(crowd) <= 100


def test_nobody_who_is_being_answered_makes_room() -> None:
    busy = [Client("a", None) for _ in range(10)]
    newcomer = Client("b", None)
    crowd = crowd_of(10, *busy)
    crowd.join(newcomer)
    assert newcomer.is_cut
    assert not any(one.is_cut for one in busy)
    assert len(crowd) == 10


def test_under_pressure_the_longest_idle_go_early_but_not_who_was_just_answered() -> None:
    idle, fresh = [Client("a", float(since)) for since in range(10)], [Client("a", 99.5) for _ in range(80)]
    crowd = crowd_of(100, *idle, *fresh)
    crowd.look(100.0)
    assert all(one.is_cut for one in idle)
    assert not any(one.is_cut for one in fresh)


def test_without_pressure_nobody_goes_early() -> None:
    idle = [Client("a", 0.0) for _ in range(70)]
    crowd_of(100, *idle).look(10.0)
    assert not any(one.is_cut for one in idle)


def test_who_has_left_takes_no_place() -> None:
    first, second = Client("a", None), Client("b", None)
    crowd = crowd_of(1, first)
    crowd.leave(first)
    crowd.leave(first)
    crowd.join(second)
    assert (second.is_cut, len(crowd)) == (False, 1)


def test_places_are_never_more_than_the_system_has_files_for() -> None:
    assert 0 < places_for(100) <= 100
    assert places_for(10**9) < 10**9
