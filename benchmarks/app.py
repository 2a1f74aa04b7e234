"""The app as a visitor meets it: how long a warm page takes, what browsing and a live dub cost.

    python benchmarks/app.py [--visits 10] [--json]

The app is served as `streamlit run` does and opened in Debian's chromium (`apt-get install
chromium`, `pip install playwright`). A page is there when its script has ended; the first visit to
each warms it. "went" is from another page of the app, "opened" by its link, which loads
Streamlit's own program into the browser as well. Memory is the server's: browsing first, then live
dubs of a sample, each from the press of the button to the result; the first loads the engines.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright import sync_api
from talk import ROOT, machine

sys.path.insert(0, str(ROOT))

from dubbing.media.probe import probe
from dubbing.prepare import ARTIFACTS
from dubbing.webui.i18n import translate
from tests.e2e.browsing import READY, served

PAGES = {
    "home": "/",
    "explorer": "/explorer?run=Lighthouse&segment=3",
    "quality": "/quality",
    "how": "/how",
    "live": "/live",
}
SAMPLE = "Clip_Woman"  # 14.5 s
LIVE_DUBS = 3
SLOW_MS = 180_000


@contextmanager
def visitor(url: str) -> Iterator[sync_api.Page]:
    """A browser's page, in English, opened at the app's first page."""
    with sync_api.sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(url)
        page.wait_for_selector(READY)
        yield page
        browser.close()


def opened_s(page: sync_api.Page, url: str) -> float:
    """Seconds from the link to the drawn page."""
    started_s = time.perf_counter()
    page.goto(url)
    page.locator("h1").first.wait_for()
    page.wait_for_selector(READY)
    return time.perf_counter() - started_s


def went_s(page: sync_api.Page, name: str) -> float:
    """Seconds from a click in the app's navigation to the drawn page."""
    started_s = time.perf_counter()
    page.get_by_role("link", name=translate("en", f"nav_{name}"), exact=True).first.click()
    page.get_by_role("heading", name=translate("en", f"{name}_title"), exact=True).wait_for()
    page.wait_for_selector(READY)
    return time.perf_counter() - started_s


def memory_mb(pid: int, row: str) -> int:
    """The server's memory: "VmRSS" now, "VmHWM" at most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(row)).split()[1]) // 1024


def live_dub_s(page: sync_api.Page, url: str) -> float:
    """Seconds from the button to the dubbed sample."""
    page.goto(f"{url}/live")
    page.get_by_text(translate("en", f"live_sample_{SAMPLE}")).click()
    page.get_by_text(translate("en", "live_consent")).click()
    button = page.get_by_role("button", name=translate("en", "live_start"), exact=True)
    sync_api.expect(button).to_be_enabled()
    started_s = time.perf_counter()
    button.click()
    page.get_by_text(translate("en", "live_label")).wait_for(timeout=SLOW_MS)
    return time.perf_counter() - started_s


def p95(visits_s: Sequence[float]) -> float:
    """The 95th percentile of the visits after the first."""
    seconds = visits_s[1:]
    return round(statistics.quantiles(seconds, n=20, method="inclusive")[-1], 2)


def measure(visits: int) -> dict[str, Any]:
    """Pages, then live dubs, on one server."""
    went: dict[str, list[float]] = {name: [] for name in PAGES}
    opened: dict[str, list[float]] = {name: [] for name in PAGES}
    with served(ROOT / ARTIFACTS) as (url, pid), visitor(url) as page:
        for _ in range(1 + visits):
            for name, link in PAGES.items():
                opened[name].append(opened_s(page, url + link))
            for name in PAGES:
                went[name].append(went_s(page, name))
        browsing_mb = memory_mb(pid, "VmHWM")
        dubs_s = [live_dub_s(page, url) for _ in range(LIVE_DUBS)]
        live_mb = memory_mb(pid, "VmHWM")
    clip_s = probe(ROOT / "live_demo_samples" / f"{SAMPLE}.mp4").duration_s
    return {
        "visits": visits,
        "went_p95_s": {name: p95(seconds) for name, seconds in went.items()},
        "opened_p95_s": {name: p95(seconds) for name, seconds in opened.items()},
        "slowest_went_p95_s": max(p95(seconds) for seconds in went.values()),
        "slowest_opened_p95_s": max(p95(seconds) for seconds in opened.values()),
        "browsing_mb": browsing_mb,
        "clip_s": round(clip_s, 1),
        "first_dub_s": round(dubs_s[0], 1),
        "warm_dub_s": round(statistics.median(dubs_s[1:]), 1),
        "live_mb": live_mb,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The app's speed and memory.")
    parser.add_argument("--visits", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {**machine(), **measure(asked.visits)}
    print(json.dumps(found, indent=1 if asked.json else None))
