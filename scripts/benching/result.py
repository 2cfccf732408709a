"""A figure, and what may go wrong on the way to it."""

import dataclasses
import statistics


class BenchmarkFailed(Exception):
    """What a program said that ended badly."""


@dataclasses.dataclass(frozen=True)
class Result:
    """A figure over all rounds beside its floor, the median of which it is judged by; None where there is none.

    A figure has goals for itself, for its ratio to the floor, for both or for neither: at the most so much, or at the
    least if more is better. Where an answer was wrong there are no values but a fault, and no goal is met.
    """

    name: str
    unit: str
    values: list
    floors: list | None = None
    goal: float | None = None
    ratio_goal: float | None = None
    more_is_better: bool = False
    fault: str | None = None
    beside: str = "floor"  # or "peer": what `floors` is of, what the machine allows or what others do

    @property
    def value(self):
        return statistics.median(self.values) if self.values else None

    @property
    def floor(self):
        return statistics.median(self.floors) if self.floors else None

    @property
    def ratio(self):
        return self.value / self.floor if self.values and self.floor else None

    @property
    def met(self):
        goals = [(judged, goal) for judged, goal in ((self.value, self.goal), (self.ratio, self.ratio_goal))
                 if goal is not None]
        if not goals:
            return None
        return all(judged is not None and (judged >= goal if self.more_is_better else judged <= goal)
                   for judged, goal in goals)
