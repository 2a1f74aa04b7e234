"""The command line with one voice more, a tone, which is quick: `python -m tests.tone_cli …`."""

from dubbing.cli import main
from dubbing.engines import registry
from tests.batch_work import TONE

if __name__ == "__main__":
    registry._PATHS["tone"] = TONE
    main()
