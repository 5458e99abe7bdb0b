"""A language server for the Turtle files of a dataset: findings as one types, names, words, places and form.

``live`` keeps the dataset in memory and checks one file against it; ``names`` answers what a name means and which
fit at a place; ``text`` knows where one is in a file that may not be well-formed yet; ``server`` speaks the protocol.
Layer: beside ``web``, below ``cli``; only ``server`` needs pygls.
Specification: https://microsoft.github.io/language-server-protocol/
"""

from __future__ import annotations
