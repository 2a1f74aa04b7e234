"""The timeline's own files: colours that can be read, and no way in for markup."""

from __future__ import annotations

import re

import pytest

from dubbing.types import PlacementStatus
from tests.conftest import ROOT

pytestmark = pytest.mark.unit

FOLDER = ROOT / "dubbing/webui/components/timeline"
CSS = (FOLDER / "timeline.css").read_text(encoding="utf-8")
JS = (FOLDER / "timeline.js").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shade", re.findall(r"--shade: (#[0-9a-f]{6})", CSS))
def test_white_letters_can_be_read_on_every_shade(shade: str) -> None:
    """At least 4.5 for letters, and the block stands out from a light and from a dark page."""
    assert contrast(shade, "#ffffff") >= 4.5
    assert contrast(shade, "#0e1117") >= 2


def test_every_status_has_a_shade_and_a_sign() -> None:
    """No placement is drawn without, whatever its status."""
    signs = re.search(r"const SIGNS = \{(.*?)\}", JS)
    assert signs is not None
    for status in (*PlacementStatus.__args__, "none"):
        assert re.search(rf"\.{status}\b", CSS), status
        assert re.search(rf"\b{status}:", signs[1]), status


def test_texts_never_become_markup() -> None:
    """The page's own code sets textContent and attributes, nothing that parses HTML."""
    ways_in = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval"
    assert not re.search(ways_in, JS)
    assert "textContent" in JS
