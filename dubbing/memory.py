"""How much memory is still free here: for this process, not for the machine that it runs on."""

from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path

LARGE_BYTES = 4 << 20
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h of glibc
_MEMINFO = Path("/proc/meminfo")
_STATUS = Path("/proc/self/status")
_CGROUP = Path("/sys/fs/cgroup")
# (limit, in use) of control groups, version 2 and version 1.
_LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


def available_mb(meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> int | None:
    """What can be allocated without swapping, in MB: the least of what the machine and the control
    group allow. None where the system does not tell.
    """
    found = [_machine_mb(meminfo), *(_group_mb(cgroup / a, cgroup / b) for a, b in _LIMITS)]
    known = [mb for mb in found if mb is not None]
    return min(known) if known else None


def _machine_mb(meminfo: Path) -> int | None:
    if not meminfo.is_file():
        return None
    rows = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) // 1024 if "MemAvailable" in rows else None


def _group_mb(limit: Path, used: Path) -> int | None:
    if not (limit.is_file() and used.is_file()):
        return None
    text = limit.read_text().strip()
    if text == "max":
        return None
    return max(0, int(text) - int(used.read_text())) >> 20


def peak_mb() -> int | None:
    """The largest resident set so far of this process, or of a program that it has waited for, in
    MB. None where the system does not tell.
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit >> 20
    if _STATUS.is_file():  # what getrusage tells of this process begins with its parent's size
        rows = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
        return max(children, int(rows["VmHWM"].split()[0]) >> 10)
    return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit >> 20)


def keep_little() -> None:
    """Has glibc keep little of what is freed, from now on: two heaps serve all threads that start,
    where it would make one for nearly each, and what takes more than `LARGE_BYTES` is given back
    when it is freed, where it would soon keep pieces of up to 32 MB. A live dub in the app then
    peaks at 830 MB, not at 1000, in the same time. Other systems do as they do.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Has glibc give freed memory back to the system: after a dub that is some 100 MB. It takes
    milliseconds. Other systems do as they do.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
