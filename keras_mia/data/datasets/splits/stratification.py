"""Patients dealt into parts so that each part holds of everything as much as its size says.

Source: Sechidis, Tsoumakas and Vlahavas (2011), On the stratification of multi-label data,
doi:10.1007/978-3-642-23808-6_10.
"""

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

LACKS = 100.0
"""What a part without something costs, beside squares of how far amounts are from those wanted."""

MOST_EXCHANGES, MOST_PAIRS = 1_000, 2_000
"""What is tried at most, so that time stays bounded."""

GROUPS = 5
"""Groups of patients with alike numbers, where there is more than a number to balance by."""


def deal(
    patients: Sequence[str],
    held: Mapping[str, Set[str]],
    alike: Mapping[str, Set[str]],
    sizes: Sequence[int],
) -> list[list[str]]:
    """Deals patients into parts by iterative stratification.

    The rarest thing that is held comes first, and a patient who holds it goes where most of it is
    wanted, then where most of what else the patient holds is. Of equals it is the first part, so
    that the first parts hold what not all can. What one patient alone holds goes to the last part:
    it can be learnt then, but not tested.

    Departs from the paper: parts have fixed sizes, and nothing is drawn.

    Args:
        patients: in the order in which equals are taken.
        held: by patient, the classes and findings; may be empty.
        alike: by patient, the groups of patients with alike numbers; may be empty.
        sizes: patients of each part, as many together as there are.

    Returns:
        The patients of each part.

    Example:
        >>> held = {"a": {"mass"}, "b": {"fluid"}, "c": {"mass"}, "d": {"fluid"}}
        >>> deal("abcd", held, dict.fromkeys("abcd", set()), [2, 2])
        [['b', 'a'], ['d', 'c']]
    """
    order = {patient: number for number, patient in enumerate(patients)}
    every = {patient: held[patient] | alike[patient] for patient in patients}
    holders = _holders(every)
    wanted = _wanted(holders, sizes)
    left = {name: set(who) for name, who in holders.items()}
    vacancies = list(sizes)
    parts: list[list[str]] = [[] for _ in sizes]
    rarest = [(len(who), name) for name, who in left.items()]
    heapq.heapify(rarest)

    def give(patient: str, first: str | None) -> None:
        names = every[patient]
        free = [part for part, vacant in enumerate(vacancies) if vacant]
        if any(len(holders[name]) == 1 for name in held[patient]):
            chosen = free[-1]
        else:
            chosen = max(
                free,
                key=lambda part: (
                    wanted[first][part] if first else vacancies[part],
                    # fsum, since the order of a set's names is another in each process
                    math.fsum(wanted[name][part] for name in names if name != first),
                    -part,
                ),
            )
        parts[chosen].append(patient)
        vacancies[chosen] -= 1
        for name in names:
            wanted[name][chosen] -= 1
            left[name].discard(patient)
            if left[name]:
                heapq.heappush(rarest, (len(left[name]), name))

    while rarest:
        number, name = heapq.heappop(rarest)
        if number == len(left[name]):  # else it was counted again since
            for patient in sorted(left[name], key=order.__getitem__):
                give(patient, name)
    dealt = {patient for part in parts for patient in part}
    for patient in patients:
        if patient not in dealt:
            give(patient, None)
    return parts


class Exchange:
    """Parts whose patients change places, so that more of the parts hold everything.

    Args:
        parts: as `deal` made them.
        held: by patient, the classes and findings.
        weights: how much it costs, part by part, to lack what several patients hold.

    Attributes:
        parts: the patients of each part.
        lacking: what parts lack, each by its weight.

    Example:
        >>> held = {"a": {"mass"}, "b": {"mass"}, "c": set(), "d": set()}
        >>> Exchange(["ab", "cd"], held, [1, 1]).parts
        [['c', 'b'], ['a', 'd']]
    """

    def __init__(
        self,
        parts: Sequence[Sequence[str]],
        held: Mapping[str, Set[str]],
        weights: Sequence[float],
    ):
        self.parts = [list(part) for part in parts]
        self._weights = weights
        self._held = {patient: held[patient] for part in self.parts for patient in part}
        self._holders = _holders(self._held)
        self._fixed = {next(iter(who)) for who in self._holders.values() if len(who) == 1}
        self._wanted = _wanted(self._holders, [len(part) for part in self.parts])
        self._count = {name: [0] * len(self.parts) for name in self._holders}
        self._part_of = {one: part for part, members in enumerate(self.parts) for one in members}
        for patient, part in self._part_of.items():
            for name in self._held[patient]:
                self._count[name][part] += 1
        changed, tries = True, 0
        while changed and tries < MOST_EXCHANGES:
            changed = False
            for part, name in self._lacks():
                tries += 1
                changed |= tries <= MOST_EXCHANGES and self._exchange(part, name)
        self.lacking = sum(weights[part] for part, _ in self._lacks())

    def _lacks(self) -> list[tuple[int, str]]:
        names = sorted(self._holders, key=lambda name: (len(self._holders[name]), name))
        return [
            (part, name)
            for part in range(len(self.parts))
            for name in names
            if len(self._holders[name]) > 1 and not self._count[name][part]
        ]

    def _exchange(self, part: int, name: str) -> bool:
        """Whether a patient who holds `name` has come to a part that lacked it."""
        if self._count[name][part]:
            return False
        pairs = itertools.product(
            sorted(self._holders[name] - self._fixed),
            [one for one in self.parts[part] if one not in self._fixed],
        )
        best = max(itertools.islice(pairs, MOST_PAIRS), key=self._gain, default=None)
        if best is None or self._gain(best) <= 0:
            return False
        indices = [self._part_of[one] for one in best]
        for patient, other, old, new in zip(best, best[::-1], indices, indices[::-1], strict=True):
            self.parts[old][self.parts[old].index(patient)] = other
            self._part_of[patient] = new
            for held in self._held[patient]:
                self._count[held][old] -= 1
                self._count[held][new] += 1
        return True

    def _gain(self, pair: tuple[str, str]) -> float:
        """By how much it costs less once both have changed places."""
        one, other = (self._held[patient] for patient in pair)
        here, there = (self._part_of[patient] for patient in pair)
        return math.fsum(
            self._cost(name, at) - self._cost(name, at, more)
            for names, step in ((one - other, 1), (other - one, -1))
            for name in names
            for at, more in ((here, -step), (there, step))
        )

    def _cost(self, name: str, part: int, more: int = 0) -> float:
        number, holders = self._count[name][part] + more, len(self._holders[name])
        lacks = 0.0 if number else LACKS * self._weights[part]
        return lacks + (number - self._wanted[name][part]) ** 2 / holders


def _holders(held: Mapping[str, Set[str]]) -> dict[str, set[str]]:
    holders: dict[str, set[str]] = defaultdict(set)
    for patient, names in held.items():
        for name in names:
            holders[name].add(patient)
    return holders


def _wanted(holders: Mapping[str, Set[str]], sizes: Sequence[int]) -> dict[str, list[float]]:
    """How many of those who hold it each part should have."""
    total = sum(sizes)
    return {name: [len(who) * size / total for size in sizes] for name, who in holders.items()}


def groups(
    patients: Sequence[str], ranked: Sequence[Sequence[str]], edges: Sequence[int]
) -> dict[str, set[str]]:
    """The groups of alike patients that each is in.

    Args:
        patients: all of them.
        ranked: for each number to balance by, the patients in its order.
        edges: ranks where groups begin, and the number of patients.

    Returns:
        By patient, a name for each number.

    Example:
        >>> groups("abc", ["abc"], [0, 2, 3])["c"]
        {'number 0, group 1'}
    """
    groups_of: dict[str, set[str]] = {patient: set() for patient in patients}
    for which, order in enumerate(ranked):
        for group, (low, high) in enumerate(itertools.pairwise(edges)):
            for patient in order[low:high]:
                groups_of[patient].add(f"number {which}, group {group}")
    return groups_of
