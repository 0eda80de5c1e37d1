"""docs/deploying.md: the code that it shows, for the subjects that hold it against what there is."""

import os
import re

from checks import ROOT, read


def text():
    return read("docs", "deploying.md")


def blocks(language):
    """The text of each block of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(), re.M | re.S)


def commands(program):
    """Every command of a program that stands in a shell block: its words, without comments and continuations."""
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [words for words in (re.sub(r"\s+#.*", "", line).split() for line in lines) if words and words[0] == program]


def missing_files(words):
    """Paths of the checkout that a command names, and that are not there."""
    return [word for word in words if re.match(r"(deploy|docs|tests)/", word) and "secrets" not in word and not os.path.exists(os.path.join(ROOT, word))]
