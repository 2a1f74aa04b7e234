"""Firefox Translations into Russian: the models of `bergamot`, pulled once."""

from __future__ import annotations

from dubbing.engines.base import EngineInfo
from dubbing.engines.bergamot import PAIR_MB, BergamotTranslator, find_pair
from dubbing.errors import EngineUnavailableError, UnsupportedLanguageError


class FirefoxTranslator(BergamotTranslator):
    """English into Russian: better than opus-mt at a twentieth of its size (Mozilla's FLORES-test
    BLEU: 28.5 against 25.5).
    """

    info = EngineInfo(
        name="firefox",
        kind="translator",
        summary=f"Firefox Translations en-ru, tiny: pulled once ({PAIR_MB} MB)",
        licence="MPL-2.0",
        packages=("fxtranslate",),
        languages=("en-ru",),
        memory_mb=120,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the runtime is installed and the model was pulled, or copied by hand."""
        if reason := super().why_unavailable():
            return reason
        try:
            find_pair("en", "ru")
        except UnsupportedLanguageError as error:
            return str(error)
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("firefox", reason)
        super().__init__()
