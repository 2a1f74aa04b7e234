"""Dubbing of visitors' clips: one at a time, each in a private folder, deleted afterwards.

Knows no Streamlit. Read in this order: `order` (what a visitor asks for), `clip` (what is taken),
`refusal` (what is said where it cannot be done), `snapshot` (what a page sees), `work` (the dub),
`jobs` (queue, worker, time to live), `folders` (where it lies), `profiles` (what can be chosen).
"""
