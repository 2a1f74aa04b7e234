"""How many threads an engine may take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

MOST = 4  # beyond four, the small matrices of one sentence wait for each other


def threads() -> int:
    """Threads for one model: the machine's cores, four at most; or OMP_NUM_THREADS, where it asks
    for fewer. So processes that share a machine divide its cores: `batch` sets it for its own.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]  # "4,2": by level of nesting
    cores = os.cpu_count() or 1
    return min(MOST, int(asked) if asked.isdigit() and int(asked) else cores, cores)


@cache
def one_blas_thread() -> None:
    """Has numpy multiply matrices on one core in this process, from now on: shared by several, the
    last digits of a product depend on how many there are, and with them what is recognised.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


@contextmanager
def limited_torch(most: int = MOST) -> Iterator[None]:
    """Inside, PyTorch computes on `threads()`, or on `most` if that is fewer; afterwards on as many
    as before.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(min(most, threads()))
    try:
        yield
    finally:
        torch.set_num_threads(before)
