"""The mistakes that are made in a file: one small change of its text each."""

import re
from typing import NamedTuple

from cpp_text import Code

RELATIONS = {"==": ("!=",), "!=": ("==",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<")}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
              "+=": "=", "-=": "+=", "*=": "/=", "/=": "*="}
CALLS = {"min": "max", "max": "min", "front": "back", "back": "front", "all_of": "any_of", "any_of": "all_of",
         "starts_with": "ends_with", "ends_with": "starts_with", "find": "rfind", "rfind": "find",
         "find_first_of": "find_last_of", "find_first_not_of": "find_last_not_of", "find_last_not_of": "find_first_not_of",
         "lower_bound": "upper_bound"}
# What a condition or an operand may end at.
EDGES = frozenset((";", ",", "=", "?", ":", "return", "||", "+=", "-="))
EMPTY = frozenset(("{}", "false", "0", "nullptr", "std::nullopt", '""'))  # what `return {}` would be as well
NO_STATEMENT = frozenset(("{", "if", "for", "while", "switch", "do", "else", "case", "default", "using", "static_assert", "struct", "class",
                          "enum", "template", "namespace", "public", "private", "const", "static", "constexpr", "auto", "typedef"))
DECLARATION = re.compile(r"(?!return\b|throw\b|delete\b)[A-Za-z_][\w:]*(<[^;=()]*>)?[&*\s]+\w+\s*([=;{(]|$)")
CAPACITY = re.compile(r"[\w.]+\.reserve\(")
WORDS = re.compile(r"[a-z] [a-z]")  # a text for people


class Mutant(NamedTuple):
    file: str
    line: int
    operator: str
    begin: int
    end: int
    after: str
    name: str  # without its line, which moves: see _named

    def __str__(self):
        return f"{self.file}:{self.line}: {self.name}"

    def apply(self, text):
        return text[:self.begin] + self.after + text[self.end:]


def _relation(code, at, token):
    if token.text in RELATIONS and code.is_spaced(at):
        for other in RELATIONS[token.text]:
            yield at, at, other


def _operand(code, at, token):
    """One side of && or || alone. A test that finds both finds the other operator, too."""
    if token.text not in ("&&", "||") or not code.is_spaced(at):
        return
    stops = EDGES | {"&&"} if token.text == "&&" else EDGES
    first, last = code.left_operand(at, stops), code.right_operand(at, stops)
    if first is not None and first < at < last:
        yield first, last, code.between(first, at - 1)
        yield first, last, code.between(at + 1, last)


def _condition(code, at, token):
    """The other way round, where no other operator does that."""
    if token.text not in ("if", "while") or code.tokens[at + 1].text != "(":
        return
    first, last = at + 2, code.partner[at + 1] - 1
    for inner in range(first, last):
        if code.tokens[inner].text == ";":  # if (initialisation; condition)
            first = inner + 1
    parts = {code.tokens[inner].text for inner in range(first, last + 1)}
    if not parts & (RELATIONS.keys() | {"!", "&&", "||", "="}):
        yield first, last, f"!({code.between(first, last)})"


def _negation(code, at, token):
    if token.text == "!":
        yield at, at, ""


def _joins_texts(code, at):
    beside = (code.tokens[at - 1].kind, code.tokens[at + 1].kind)
    return code.tokens[at].text == "+" and ("string" in beside or ("char" in beside and "number" not in beside))


def _arithmetic(code, at, token):
    if token.text in ARITHMETIC and code.is_spaced(at) and not _joins_texts(code, at):
        yield at, at, ARITHMETIC[token.text]
    elif token.text in ("++", "--"):
        yield at, at, "--" if token.text == "++" else "++"
    elif token.text == "-" and code.tokens[at + 1].kind == "number":
        yield at, at, ""


def _constant(code, at, token):
    if token.text in ("true", "false"):
        yield at, at, "false" if token.text == "true" else "true"
    number = re.fullmatch(r"(0[xX][\da-fA-F]+|\d[\d']*)([uU]?)", token.text) if token.kind == "number" else None
    if number:
        value = int(number[1].replace("'", ""), 0)
        yield at, at, f"{value + 1}{number[2]}"
        if value == 1:
            yield at, at, f"{value - 1}{number[2]}"


def _character(code, at, token):
    if token.kind == "char" and len(token.text) == 3:
        yield at, at, "'" + chr(ord(token.text[1]) + 1).replace("\\", "~").replace("'", "~") + "'"


def _text(code, at, token):
    if token.kind == "string" and not WORDS.search(token.text):
        yield at, at, '"mutant"' if token.text == '""' else '""'


def _swap(code, at, token):
    """The two values of a ?: for each other."""
    if token.text != "?":
        return
    middle = code.right_operand(at, (":",)) + 1
    last = code.right_operand(middle, (";", ",", "?"))
    if code.tokens[middle].text == ":":
        yield at + 1, last, f"{code.between(middle + 1, last)} : {code.between(at + 1, middle - 1)}"


def _jump(code, at, token):
    if token.text in ("continue", "break"):
        yield at, at, "break" if token.text == "continue" else "continue"


def _call(code, at, token):
    if token.text in CALLS and code.tokens[at + 1].text == "(":
        yield at, at, CALLS[token.text]


BY_TOKEN = {"relation": _relation, "operand": _operand, "condition": _condition, "negation": _negation, "arithmetic": _arithmetic,
            "constant": _constant, "character": _character, "text": _text, "swap": _swap, "jump": _jump, "call": _call}


def _by_statement(code):
    for first, last in code.statements():
        head, whole = code.tokens[first].text, code.between(first, last)
        returned = code.between(first + 1, last - 1) if head == "return" and last > first + 1 else ""
        if returned and returned not in EMPTY:
            yield "return", first + 1, last - 1, "{}"
        if not (returned and code.ends_function(last)) and head not in NO_STATEMENT and not DECLARATION.match(whole) and not CAPACITY.match(whole):
            yield "statement", first, last, ";"


def _changes(code):
    for at, token in enumerate(code.tokens):
        for operator, change in BY_TOKEN.items():
            for first, last, after in change(code, at, token):
                yield operator, first, last, after
    yield from _by_statement(code)


def _kept(code):
    """Ranges of the text in which nothing is changed, since they decide nothing at run time."""
    for at, token in enumerate(code.tokens):
        if token.text in ("static_assert", "reserve") and code.tokens[at + 1].text == "(":
            yield token.begin, code.tokens[code.partner[at + 1]].end


def _named(text, begin, end, after):
    """The whole line, or lines, with «before → after» in the place of the change."""
    head = text[text.rfind("\n", 0, begin) + 1:begin]
    tail = text[end:].split("\n", 1)[0].split("  //", 1)[0]
    return re.sub(r"\s+", " ", f"{head}«{text[begin:end]} → {after}»{tail}").strip()


def mutants_of(file, text):
    """All of one file, in the order of its lines. A name is unique; of two lines that are the same, the second's ends with #2."""
    code, seen, names, mutants = Code(text), set(), {}, []
    kept = list(_kept(code))
    for operator, first, last, after in _changes(code):
        begin, end = code.tokens[first].begin, code.tokens[last].end
        if (begin, end, after) in seen or text[begin:end] == after or any(low <= begin < high for low, high in kept):
            continue
        seen.add((begin, end, after))
        mutants.append((begin, end, operator, after))
    found = []
    for begin, end, operator, after in sorted(mutants):
        name = f"{operator}: {_named(text, begin, end, after)}"
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name += f" #{names[name]}"
        found.append(Mutant(file, text.count("\n", 0, begin) + 1, operator, begin, end, after, name))
    return found
