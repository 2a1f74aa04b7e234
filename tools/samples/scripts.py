"""What is said in the samples, in English and in Russian, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

# Digits as a Russian voice speaks them: what a sentence's length in speech is counted from.
SPOKEN = {"300": "триста", "1911": "тысяча девятьсот одиннадцатом"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A synthetic speaker.

    Attributes:
        voice: Kokoro's name of the voice.
        gender: "female" or "male": Russian verbs agree with it.
    """

    voice: str
    gender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of a sample.

    Attributes:
        en: What is said.
        ru: The same in Russian.
        pause_s: Silence after it, in seconds.
        speaker: A key of `SPEAKERS`.
        speed: Kokoro's tempo, 1 is its own.
    """

    en: str
    ru: str
    pause_s: float
    speaker: str
    speed: float


SPEAKERS = {
    "woman": Speaker(voice="jf_alpha", gender="female"),
    "man": Speaker(voice="jm_kumo", gender="male"),
}


def _talk(speaker: str, speed: float, *rows: tuple[float, str, str]) -> tuple[Line, ...]:
    """The rows (pause after it, English, Russian) as lines of one speaker."""
    return tuple(
        Line(en=en, ru=ru, pause_s=pause_s, speaker=speaker, speed=speed)
        for pause_s, en, ru in rows
    )


NIGHT_GARDEN = _talk(
    "woman",
    0.85,
    (
        0.9,
        "Good evening, and welcome to my garden after dark.",
        "Добрый вечер и добро пожаловать в мой ночной сад.",
    ),
    (
        0.7,
        "Most people close the door as soon as the sun goes down.",
        "На закате почти все закрывают свои двери.",
    ),
    (
        0.8,
        "I did the same for years, until one warm night in June.",
        "Я годами делала так же, до одной тёплой ночи в июне.",
    ),
    (
        1.1,
        "That night I could not sleep, so I took a chair and sat down under the apple tree.",
        "В ту ночь мне не спалось, я взяла стул и села под яблоней.",
    ),
    (0.6, "At first I could see nothing at all.", "Сначала я ничего не видела."),
    (
        1.7,
        "Then my eyes grew used to the dark, and the white flowers began to shine like lamps.",
        "Потом глаза привыкли к темноте, и белые цветы засияли, словно лампы.",
    ),
    (
        0.9,
        "The moon was almost full, and every leaf had a silver edge.",
        "Луна была почти полной, и каждый лист блестел серебром.",
    ),
    (
        0.7,
        "The scent of the garden was the second surprise.",
        "Второй неожиданностью стал запах сада.",
    ),
    (
        1.0,
        "Some flowers hardly smell in the sunlight, but at night they call guests from far away.",
        "Некоторые цветы на солнце почти не пахнут, а ночью зовут гостей издалека.",
    ),
    (
        1.2,
        "Those guests are night butterflies, and I once counted more than 300 in a single night.",
        "Эти гости — мотыльки, и однажды за ночь я насчитала их больше 300.",
    ),
    (
        1.8,
        "They drink quietly, rest for a moment, and then fly on into the darkness.",
        "Они тихо пьют, минуту отдыхают и летят дальше в темноту.",
    ),
    (
        0.9,
        "So before you go to sleep tonight, please open the window and listen.",
        "Поэтому сегодня перед сном откройте окно и послушайте.",
    ),
    (
        0.0,
        "You may find that the best part of your garden has only just woken up.",
        "Может быть, лучшая часть вашего сада только что проснулась.",
    ),
)

LIGHTHOUSE = _talk(
    "man",
    0.85,
    (
        0.8,
        "My grandfather kept a lighthouse on a small rock in the northern sea.",
        "Мой дед был смотрителем маяка на маленькой скале в северном море.",
    ),
    (
        0.9,
        "It was built in 1911, when every ship still needed a light to find the harbor.",
        "Его построили в 1911-м, когда кораблям ещё нужен был свет, чтобы найти гавань.",
    ),
    (
        0.6,
        "When I was a boy, I spent every summer there.",
        "Ещё мальчишкой я жил там каждое лето.",
    ),
    (
        1.1,
        "Every evening he cleaned the great lens with a soft cloth and lit the lamp.",
        "Каждый вечер он протирал большую линзу мягкой тряпкой и зажигал лампу.",
    ),
    (
        1.6,
        "He told me that a light is a promise to people you will never meet.",
        "Он говорил: свет — это обещание людям, которых ты не встретишь.",
    ),
    (
        3.9,
        "One night in October a storm came in, and the waves began to hit the tower.",
        "Однажды ночью в октябре начался шторм, и волны стали бить в башню.",
    ),
    (
        0.7,
        "I was certain that the walls would break before the morning.",
        "Я знал, что эти стены рухнут ещё до утра.",
    ),
    (
        1.0,
        "My grandfather just smiled and put the kettle on the stove.",
        "А дедушка только улыбнулся и поставил чайник на плиту.",
    ),
    (
        0.8,
        "The next day a fishing boat came by, and the captain took off his hat to us.",
        "На другой день мимо прошла рыбацкая лодка, и капитан снял перед нами шапку.",
    ),
    (
        1.8,
        "Nobody said a word, and nobody had to say anything.",
        "Никто не сказал ни слова, да и говорить ничего не нужно было.",
    ),
    (
        0.7,
        "Today a computer runs the lamp, and the rooms below it are empty.",
        "Сегодня лампой управляет компьютер, а комнаты под ней пусты.",
    ),
    (
        1.1,
        "But I still go back every year, and I count the seconds between the flashes.",
        "Но каждый год я возвращаюсь и считаю, сколько секунд проходит между вспышками.",
    ),
    (
        0.9,
        "If you ever feel that nobody sees your work, think of that light.",
        "Если вам кажется, что ваш труд не виден, вспомните маяк.",
    ),
    (
        0.5,
        "Somewhere out there, somebody is coming home by it.",
        "Где-то там по его свету кто-то плывёт домой.",
    ),
)

WOMAN = _talk(
    "woman",
    0.85,
    (
        0.7,
        "Good morning, my name is Anna, and I bake bread for a living.",
        "Доброе утро, меня зовут Анна, и я пеку хлеб.",
    ),
    (
        0.9,
        "I was a school teacher for ten years before I opened this little shop.",
        "Десять лет я была учительницей, а потом открыла лавку.",
    ),
    (
        0.0,
        "Now I get up at four in the morning, and I have never been happier.",
        "Теперь встаю в четыре утра и счастлива как никогда.",
    ),
)

MAN = _talk(
    "man",
    0.85,
    (
        0.8,
        "I have repaired bicycles on this street since I was a young man.",
        "Я с самой молодости чиню велосипеды на этой улице.",
    ),
    (
        0.6,
        "I think that a good wheel should sing when you spin it.",
        "По-моему, хорошее колесо на ходу поёт.",
    ),
    (
        0.0,
        "If it only clicks, I know that I still have some work to do.",
        "А если только щёлкает, значит, я ещё не всё сделал.",
    ),
)

_DIALOGUE = (
    ("woman", 0.6, "Did you see the snow this morning?", "Ты видел, какой утром снег?"),
    (
        "man",
        0.7,
        "I saw it from the window, and then I went straight back to bed.",
        "Я увидел его в окно и сразу вернулся в постель.",
    ),
    (
        "woman",
        0.8,
        "That is a pity, because the park was beautiful.",
        "Жаль, потому что в парке было очень красиво.",
    ),
    (
        "man",
        0.6,
        "Then show me your pictures, and I will make us some tea.",
        "Тогда покажи свои снимки, а я заварю нам чаю.",
    ),
    (
        "woman",
        0.0,
        "I took only one picture, but I think it is a good one.",
        "Я сделала всего один, но, кажется, удачный.",
    ),
)
DIALOGUE = tuple(
    Line(en=en, ru=ru, pause_s=pause_s, speaker=speaker, speed=0.85)
    for speaker, pause_s, en, ru in _DIALOGUE
)
