"""One dub or edit at a time in a process: two at once would need twice the memory."""

from __future__ import annotations

import threading

AT_WORK = threading.Lock()
