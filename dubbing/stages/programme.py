"""A linear programme in the words of wishes: what must be, and what a miss costs.

Solved by HiGHS (Huangfu and Hall 2018, "Parallelizing the dual revised simplex method") in scipy.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Row = Mapping[int, float]
"""A linear expression: variable → factor."""


class Programme:
    """Collects variables, rows and prices, then finds the cheapest values."""

    def __init__(self) -> None:
        self._bounds: list[tuple[float, float]] = []
        self._prices: list[float] = []
        self._data: list[float] = []
        self._columns: list[int] = []
        self._ends: list[int] = [0]
        self._limits: list[float] = []

    def variable(self, low: float, high: float, price: float = 0.0) -> int:
        """The number of a new variable within [low, high] that costs `price` per unit."""
        self._bounds.append((low, high))
        self._prices.append(price)
        return len(self._prices) - 1

    def at_most(self, row: Row, limit: float) -> None:
        """The expression must not be above the limit."""
        self._columns += row.keys()
        self._data += row.values()
        self._ends.append(len(self._data))
        self._limits.append(limit)

    def at_least(self, row: Row, limit: float) -> None:
        """The expression must not be below the limit."""
        self.at_most({variable: -factor for variable, factor in row.items()}, -limit)

    def soft_at_most(self, row: Row, limit: float, price: float) -> None:
        """Each unit above the limit costs `price` > 0."""
        self.at_most({**row, self.variable(0.0, np.inf, price): -1.0}, limit)

    def soft_at_least(self, row: Row, limit: float, price: float) -> None:
        """Each unit below the limit costs `price` > 0."""
        self.at_least({**row, self.variable(0.0, np.inf, price): 1.0}, limit)

    def near(self, row: Row, wanted: float, below: float, above: float) -> None:
        """Each unit below or above what is wanted costs that price; 0: it costs nothing."""
        if below:
            self.soft_at_least(row, wanted, below)
        if above:
            self.soft_at_most(row, wanted, above)

    def solve(self) -> NDArray[np.float64]:
        """The cheapest values, shape (variables,).

        Raises:
            ValueError: No values meet what must be.
        """
        if not self._prices:
            return np.zeros(0)
        from scipy.optimize import linprog  # 30 MB that nobody needs who only looks at a run
        from scipy.sparse import csr_matrix

        shape = (len(self._limits), len(self._prices))
        rows = csr_matrix((self._data, self._columns, self._ends), shape=shape)
        found = linprog(
            self._prices, A_ub=rows, b_ub=self._limits, bounds=self._bounds, method="highs"
        )
        if not found.success:
            raise ValueError(f"the timing cannot be planned: {found.message}")
        values: NDArray[np.float64] = found.x
        return values
