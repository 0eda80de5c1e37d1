"""C++ as a row of tokens, as far as mutants.py needs it: no preprocessor, no comments, no types."""

import re
from typing import NamedTuple

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<string>(?:u8|[uUL])?R"(?P<fence>[^()\s]*)\(.*?\)(?P=fence)"|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
  | (?P<char>'(?:\\.|[^'\\\n])+')
  | (?P<number>\d(?:'?[\w.])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op><=>|->|::|\+\+|--|<<=|>>=|<<|>>|&&|\|\||[-+*/%&|^!=<>]=|\.\.\.|[^\s\w])
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(OPENERS.values())
CONTROLS = frozenset(("if", "for", "while", "switch"))
TYPES = frozenset(("namespace", "struct", "class", "enum", "union"))
BEFORE_BLOCK = frozenset((")", "]", "else", "do", "try", "const", "noexcept", "&&"))


class Token(NamedTuple):
    kind: str
    text: str
    begin: int
    end: int


def tokens_of(text):
    found = (Token(match.lastgroup if match.lastgroup != "fence" else "string", match.group(), match.start(), match.end())
             for match in TOKEN.finditer(text))
    return [token for token in found if token.kind not in ("comment", "directive")]


class Code:
    """A file's text, its tokens, and what belongs together in them."""

    def __init__(self, text):
        self.text, self.tokens = text, tokens_of(text)
        self.partner = self._partners()

    def _partners(self):
        """The index of each bracket → that of the one that closes or opens it."""
        partner, open_ones = {}, []
        for at, token in enumerate(self.tokens):
            if token.kind != "op":
                continue
            if token.text in OPENERS:
                open_ones.append(at)
            elif token.text in CLOSERS:
                partner[at] = open_ones.pop()
                partner[partner[at]] = at
        return partner

    def is_spaced(self, at):
        """As clang-format writes operators between two operands, and never the brackets, & and * of a type."""
        token = self.tokens[at]
        return self.text[token.begin - 1].isspace() and self.text[token.end].isspace()

    def between(self, first, last):
        """The text from one token to another, both included."""
        return self.text[self.tokens[first].begin:self.tokens[last].end]

    def left_operand(self, at, stops):
        """The index of the first token of what stands left of the operator at `at`, up to one of `stops`."""
        first = at
        while first > 0:
            before = self.tokens[first - 1]
            if before.text in OPENERS or before.text in stops:
                break
            first = self.partner[first - 1] if before.text in CLOSERS else first - 1
            if self.tokens[first].text == "{" and self.is_block(first):
                return None
        return first

    def right_operand(self, at, stops):
        """The index of the last token of what stands right of it."""
        last = at
        while last + 1 < len(self.tokens):
            after = self.tokens[last + 1]
            if after.text in CLOSERS or after.text in stops:
                break
            last = self.partner[last + 1] if after.text in OPENERS else last + 1
        return last

    def is_block(self, brace):
        """Whether the brace opens a function's body or statements, rather than a type or a value."""
        if brace == 0 or self._opens_type(brace):
            return False
        if self.tokens[brace - 1].text in BEFORE_BLOCK:
            return True
        # A lambda or function with its result behind it: `) -> Text {`.
        back = brace - 1
        while back > 0 and self.tokens[back].text not in (";", "{", "}", ")", "->"):
            back -= 1
        return self.tokens[back].text == "->" and self.tokens[back - 1].text == ")"

    def _opens_type(self, brace):
        back = brace - 1
        while back >= 0 and self.tokens[back].text not in (";", "{", "}", "(", ")"):
            if self.tokens[back].text in TYPES:
                return True
            back -= 1
        return False

    def statements(self):
        """(first, last) token of each statement that ends with a semicolon, inside of functions."""
        for at, token in enumerate(self.tokens):
            start = None
            if token.text == "{" and self.is_block(at):
                start = at + 1
            elif token.text in (";", "}") and self._inside_block(at):
                start = at + 1
            elif token.text == "else":
                start = at + 1
            elif token.text == ")" and self._ends_control(at):
                start = at + 1
            elif token.text in ("case", "default"):
                start = self.right_operand(at, (":",)) + 2
            if start is None or start >= len(self.tokens):
                continue
            end = self.right_operand(start - 1, (";",)) + 1
            if end < len(self.tokens) and self.tokens[end].text == ";" and end > start:
                yield start, end

    def ends_function(self, semicolon):
        """Whether a function's body ends behind this statement."""
        close = semicolon + 1
        if self.tokens[close].text != "}":
            return False
        before = self.partner[close] - 1
        return self.tokens[before].text != "else" and not (self.tokens[before].text == ")" and self._ends_control(before))

    def _ends_control(self, paren):
        before = self.partner[paren] - 1
        return before >= 0 and self.tokens[before].text in CONTROLS

    def _inside_block(self, at):
        """Whether the innermost bracket around a token is that of a block."""
        while at > 0:
            at -= 1
            text = self.tokens[at].text
            if text in CLOSERS and self.tokens[at].kind == "op":
                at = self.partner[at]
            elif text in OPENERS and self.tokens[at].kind == "op":
                return text == "{" and self.is_block(at)
        return False
