"""Negation in a sentence: certain where it negates the verb, possible wherever it may hide."""

from __future__ import annotations

import re

# Turns of phrase that other languages say without a negation are left out: "not only", "can't
# wait", "не раз".
_CERTAIN = {
    "en": r"(?:\b(?:not|never|cannot)\b|n['’]t\b)"
    r"(?!\s+(?:only|just|until|till|but|help|forget|mind|hesitate|wait|miss|fail|unless|all)\b)",
    "ru": r"\b(?:не|нельзя|никогда)\b(?!\s+(?:только|менее|более|раз|один|прочь|стоит|буд\w+)\b)",
    "pt": r"\b(?:não|nunca|jamais)\b(?!\s+(?:só|apenas|obstante|deix\w+|esque\w+|fal\w+)\b)",
}
# Beginnings of words and whole words with a negation, a limit, a loss or an opposite in them.
_POSSIBLE = {
    "en": r"n['’]t\b|\b(?:not?|never|nor|none|nothing|nobody|nowhere|neither|without|cannot|"
    r"hardly|barely|scarcely|rarely|seldom|few(?:er)?|little|only|just|less|least|than|until|"
    r"till|unless|beyond|before|too|almost|nearly|instead|rather|still|yet|away|out|off|free|"
    r"against|empty|once|while|if|any\w*|\w+less)\b"
    r"|\b(?:non|un|in|im|ir|il|dis|mis)[a-z]{3}|\b(?:fail|lack|refus|avoid|stop|ceas|quit|"
    r"prevent|keep|miss|los[est]|den[iy]|ignor|whatever|whoever|however|wherever|absen|exce|"
    r"neglect|forb|prohib|skip|omit|suppress|some|other|besid|forg[eo]|hard|difficult|silent|"
    r"wrong|alone|sick|calm|remain|reject|resist|doubt|wonder|short|bad|bare|save|spare)",
    "ru": r"\b(?:не(?!(?:го|й|е|ё|му|м|ю|бо|ба|бе|сет|ск\w*|дел\w*|фт\w*|рв\w*)\b)|ни|нет\b|без|"
    r"бес|нельзя|вряд|едва|лишь|только|отсут|отказ|избе[гж]|лиш|мало|хватит|прекра|перест|против|"
    r"ложн|запре|исключ|иначе|кроме|жаль|трудно|сложно|тяжело|слишком|потер|анти|долой|броси|"
    r"забы|молч|пуст|вместо|пропус|упус|сомне|чужд|редк|чуть|почти|пока\b|ещ[её]\b)",
    "pt": r"\b(?:não|nunca|jamais|ninguém|nada|nem|nenhum\w*|sem|só|apenas|pouc[ao]s?|mal|quase|"
    r"menos|até|antes|tampouco|fora|longe|exceto|senão|ainda|muito|demais|livre)\b"
    r"|\b(?:in|im|ir|il|des|dis|anti|contra)\w{3}|\b(?:falt|deix|par[aeo]|evit|recus|neg|perd|"
    r"fracass|imped|proib|esque|difícil|dificil|errad|vazi|rar)",
}


def is_negated(sentence: str, language: str) -> bool:
    """Whether its verb is negated for certain; False for a language that is not known."""
    return language in _CERTAIN and _found(_CERTAIN[language], sentence)


def may_be_negated(sentence: str, language: str) -> bool:
    """Whether there is any sign of a negation; True for a language that is not known."""
    return language not in _POSSIBLE or _found(_POSSIBLE[language], sentence)


def _found(pattern: str, sentence: str) -> bool:
    return re.search(pattern, sentence, re.IGNORECASE) is not None
