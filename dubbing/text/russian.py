def speakable(text): return text
