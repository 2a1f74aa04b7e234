"""The child process in which espeak-ng speaks one text: run as a script, never imported.

    python -I -S espeak_process.py LIBRARY DATA_FOLDER VOICE < text > sound

The text is UTF-8; the sound 16-bit mono at 22050 Hz, in the machine's byte order, without a header.

Within one process espeak-ng's output depends on all that it said before (noise and flutter run on
in static variables that nothing resets): a process for each text makes the same text sound the
same, and a crash in C cannot take the dub with it. Only the standard library is imported, so it
starts in 25 ms.
"""

import ctypes
import sys

# From espeak-ng 1.52's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
POS_CHARACTER = 1
CHARS_UTF8 = 1  # SSML and phoneme input are flags of their own, left off: markup is read as text
EE_OK = 0
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def main(library_path: str, data_path: str, voice: str) -> None:
    """Speaks what comes on stdin.

    Raises:
        RuntimeError: espeak-ng refused one of the steps.
    """
    library = ctypes.CDLL(library_path)
    pieces: list[bytes] = []

    def collect(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0  # go on

    callback = CALLBACK(collect)  # must outlive the synthesis
    rate_hz = library.espeak_Initialize(
        AUDIO_OUTPUT_SYNCHRONOUS, 0, data_path.encode(), INITIALIZE_DONT_EXIT
    )
    if rate_hz <= 0:
        raise RuntimeError(f"cannot read {data_path}")
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != EE_OK:
        raise RuntimeError(f"no voice {voice}")
    text = sys.stdin.buffer.read() + b"\0"
    size = ctypes.c_size_t(len(text))
    if library.espeak_Synth(text, size, 0, POS_CHARACTER, 0, CHARS_UTF8, None, None) != EE_OK:
        raise RuntimeError("cannot speak")
    library.espeak_Synchronize()
    sys.stdout.buffer.write(b"".join(pieces))


if __name__ == "__main__":
    main(*sys.argv[1:])
