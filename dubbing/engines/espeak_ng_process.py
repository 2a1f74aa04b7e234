"""Run as a program of its own: espeak-ng speaks a text, or writes down its phonemes.

    python espeak_ng_process.py LIBRARY DATA_FOLDER VOICE speak|spell|phonemes < TEXT

"speak" writes 16-bit samples in the machine's byte order to stdout, without a header; "spell" does
so of a text that holds phonemes in [[…]]. "phonemes" writes each line's in IPA, a line each, the
parts of one sound tied by ^.

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
CHARS_UTF8 = 1  # SSML and phoneme input are flags of their own: without them markup is read as text
PHONEMES = 0x100  # espeakPHONEMES: [[…]] holds phonemes
EE_OK = 0
IPA_TIED = 0x02 | 0x80 | ord("^") << 8
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def speech(library: ctypes.CDLL, text: bytes, flags: int) -> bytes:
    """The text's sound.

    Raises:
        RuntimeError: espeak-ng refused it.
    """
    pieces: list[bytes] = []

    def collect(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0  # go on

    callback = CALLBACK(collect)  # must outlive the synthesis
    library.espeak_SetSynthCallback(callback)
    size = ctypes.c_size_t(len(text) + 1)
    if library.espeak_Synth(text + b"\0", size, 0, POS_CHARACTER, 0, flags, None, None) != EE_OK:
        raise RuntimeError("cannot speak")
    library.espeak_Synchronize()
    return b"".join(pieces)


def phonemes(library: ctypes.CDLL, line: bytes) -> bytes:
    """The phonemes of a line, its clauses parted by blanks."""
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    text = ctypes.create_string_buffer(line)
    place = ctypes.c_void_p(ctypes.addressof(text))
    clauses: list[bytes] = []
    while place.value:
        clauses.append(
            library.espeak_TextToPhonemes(ctypes.byref(place), CHARS_UTF8, IPA_TIED) or b""
        )
    return b" ".join(clauses)


def main(library_path: str, data_path: str, voice: str, task: str) -> None:
    """Does the task with what comes on stdin.

    Raises:
        RuntimeError: espeak-ng refused one of the steps.
    """
    library = ctypes.CDLL(library_path)
    rate_hz = library.espeak_Initialize(
        AUDIO_OUTPUT_SYNCHRONOUS, 0, data_path.encode(), INITIALIZE_DONT_EXIT
    )
    if rate_hz <= 0:
        raise RuntimeError(f"cannot read {data_path}")
    if library.espeak_SetVoiceByName(voice.encode()) != EE_OK:
        raise RuntimeError(f"no voice {voice}")
    text = sys.stdin.buffer.read()
    if task == "phonemes":
        made = b"\n".join(phonemes(library, line) for line in text.split(b"\n"))
    else:
        made = speech(library, text, CHARS_UTF8 | (PHONEMES if task == "spell" else 0))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
