"""One pace for a voice, so that a talk's text takes about the time that the speaker took."""

import pytest

from dubbing.stages.speak import FASTEST_PACE, SLOWEST_PACE, pace

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("characters", "speech_s", "wanted"),
    [
        (1100, 100.0, 1.1),
        (1000, 100.0, 1.0),
        (2000, 100.0, FASTEST_PACE),
        (500, 100.0, SLOWEST_PACE),
    ],
)
def test_pace_is_what_the_text_needs_within_what_speakers_differ_by(characters, speech_s, wanted):
    """A voice of ten characters a second speaks faster for more text, up to the bounds."""
    assert pace(characters, 10.0, speech_s) == pytest.approx(wanted)


def test_nothing_to_say_is_said_at_the_usual_pace():
    """A speaker of whom nothing is dubbed gets pace 1."""
    assert pace(0, 10.0, 0.0) == 1.0
