"""What the practice quotes and their authors are put together from. The one rule: nobody here has ever lived."""

from __future__ import annotations

FIRST_NAMES = ("Ansgar", "Birla", "Corvo", "Delphine", "Eskil", "Fenna", "Gudrun", "Hollis", "Ilmari", "Jorunn")
FAMILY_NAMES = (
    "Alderwick",
    "Bramblehythe",
    "Cormorane",
    "Dunmallow",
    "Eelgrass",
    "Fathomley",
    "Gannetsby",
    "Herringstone",
    "Inkpool",
    "Kelpson",
)
BIRTHPLACES = ("Lower Brackwater", "Saltmarsh-on-Lune", "Port Anemone", "the lighthouse of Skerry", "Netherquay")
TAGS = (
    "books",
    "courage",
    "friendship",
    "humour",
    "learning",
    "life",
    "patience",
    "sea",
    "silence",
    "time",
    "truth",
    "work",
)
OPENINGS = (
    "A map",
    "A patient heron",
    "A small “yes”",
    "An honest mistake",
    "Every tide",
    "No library",
    "The first draft",
    "The quiet harbour",
    "The shortest road",
    "Whoever mends nets",
)
MIDDLES = (
    "asks for nothing but",
    "begins with",
    "carries further than",
    "forgives",
    "has never envied",
    "is worth more than",
    "keeps the secret of",
    "outlasts",
    "teaches",
    "weighs less than",
    "will sooner or later meet",
    "& its keeper remember",
    "listens to",
    "never argues with",
)
ENDINGS = (
    "a borrowed boat.",
    "a fair wind.",
    "a loud promise.",
    "an empty inkwell.",
    "the second thought.",
    "the longest winter.",
    "the café at low water.",
    "those who count fish.",
    "<the> unread chapter.",
    "tomorrow’s rain.",
    "what everybody knows.",
    "yesterday’s “certainly”.",
    "a clean slate.",
    "one more question.",
    "the wrong key.",
)
