"""What the scorecard and the checks of a translation found, in the visitor's language.

They write English sentences into a run's files. Here each kind of sentence has a key of the texts;
one that is not known is shown as it stands.
"""

from __future__ import annotations

import re

from dubbing.webui.i18n import number, t

_NUMBER = r"[\d.]+"
SENTENCES = {
    "not_dubbed": r"is not dubbed",
    "not_heard": r"is not heard",
    "starts_late": rf"starts (?P<value>{_NUMBER}) s late",
    "starts_early": rf"starts (?P<value>{_NUMBER}) s early",
    "ends_late": rf"ends (?P<value>{_NUMBER}) s late",
    "ends_early": rf"ends (?P<value>{_NUMBER}) s early",
    "fast": rf"is spoken (?P<value>{_NUMBER}) times as fast as natural",
    "faster": rf"is (?P<value>{_NUMBER}) faster than the one before it",
    "slower": rf"is (?P<value>{_NUMBER}) slower than the one before it",
    "louder": rf"is (?P<value>{_NUMBER}) LU louder than the original",
    "quieter": rf"is (?P<value>{_NUMBER}) LU quieter than the original",
    "misheard": r"is hard to understand: (?P<value>\d+) % of it are misheard",
    "empty": r"there is no word in the translation",
    "source_words": r"the translation holds words of the source language",
    "is_source": r"the translation is the source itself",
    "entities": r"the translation holds HTML entities",
    "garbage": r"the translation holds signs that are no text",
    "broken_off": r"the translation breaks off without a full stop",
    "dots": r"the translation ends in dots, its source does not",
    "dropped": r"a sentence is left out, it seems number (?P<value>\d+) of (?P<total>\d+)",
    "added": r"the translation says more than its source",
    "too_short": r"the translation is too short: (?P<value>\d+) characters for (?P<total>\d+)",
    "too_long": r"the translation is too long: (?P<value>\d+) characters for (?P<total>\d+)",
    "number_lost": r"the number (?P<value>.+) is not in the translation",
    "number_new": r"the number (?P<value>.+) is not in the source",
    "question_lost": r"a question of the source is none in the translation",
    "question_new": r"the translation asks what the source does not",
    "negation_lost": r"sentence (?P<value>\d+) is no longer negated",
    "negation_new": r"sentence (?P<value>\d+) is negated, in the source it is not",
    "repeated": r"the translation repeats itself more than its source",
    "stutter": r"(?P<total>\d+) words stand (?P<value>\d+) times one after another",
}


def explained(sentence: str) -> str:
    """The sentence in the visitor's language, or as it is where its kind is not known."""
    for name, pattern in SENTENCES.items():
        if found := re.fullmatch(pattern, sentence):
            values = {group: _written(value) for group, value in found.groupdict().items()}
            return t(f"fault_{name}", **values)
    return sentence


def _written(value: str) -> str:
    """A number as the visitor's language writes it."""
    if not re.fullmatch(r"\d+\.\d+", value):
        return value
    return number(float(value), len(value.partition(".")[2]))
