# SPDX-License-Identifier: MIT
"""Where a header can be changed by one operator, and into what.

Not changed: comments, texts, the preprocessor, declarations, assert, static_assert, requires, templates'
heads and `if constexpr`. Nor the order of an atomic access: an x86 does not show which one was asked for.
"""
import re
from dataclasses import dataclass

from cpp import blanked, closing, opening, split

# What binds looser stands further down. clang-format sees to the blanks around each.
PRECEDENCE = [("*", "/", "%"), ("+", "-"), ("<<", ">>"), ("<=>",), ("<", "<=", ">", ">="), ("==", "!="),
              ("&",), ("^",), ("|",), ("&&",), ("||",),
              ("?", ":", "=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=")]
LOOSENESS = {operator: level for level, row in enumerate(PRECEDENCE) for operator in row}
ASSIGNMENT = LOOSENESS["="]
SWAPPED = {"*": "/", "/": "*", "%": "/", "+": "-", "-": "+", "<<": ">>", ">>": "<<", "<": "<=", "<=": "<",
           ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&": "|", "|": "&", "&&": "||", "||": "&&",
           "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}
OPERATOR = re.compile(r"(?<=\s)(?:<=>|<<=|>>=|&&|\|\||<<|>>|[<>=!+\-*/%&|^]=|[<>+\-*/%&|^=?:])(?=\s)")
BEFORE_EXPRESSION = re.compile(r"\b(?:return|throw|else|case|co_return|co_yield)\b\s*$")
NO_STATEMENT = re.compile(
    r"(?:return|const|constexpr|auto|static|using|if|for|while|do|switch|case|default|public|private|"
    r"protected|template|friend|struct|class|enum|union|typedef|namespace|inline|explicit|virtual|operator|"
    r"try|catch|else|thread_local|extern|mutable|goto|static_assert|alignas|typename|unsigned|signed)\b")
UNCHANGED = r"\b(?:static_)?assert\s*\(|\bif constexpr\s*\(|\bnoexcept\(|\bdecltype\("
STATEMENT = re.compile(r"(?:throw\b.+|break|continue|(?:\+\+|--|\*|\()?[A-Za-z_][\w:]*(?:[.(\[<]|->|\+\+|--| [-+*/|&%]?= ).*)$",
                       re.S)


@dataclass(frozen=True)
class Site:
    """text[start:end] becomes `plain`; or stays between `before` and `after`, in which @ asks whether the
    mutant is the one that is on."""
    file: str
    position: int  # of what is changed: its line is the mutant's
    start: int
    end: int
    kind: str
    plain: str
    before: str
    after: str


def code_of(text):
    """The text with everything as blanks that is never changed, and texts as names."""
    code = blanked(text, filler="_")

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)
    code = re.sub(r"\[\[.*?\]\]|\bconcept\b[^;]*;|(?<=\)) = 0;|(?<=const) = 0;|(?<=noexcept) = 0;", blank, code, flags=re.S)
    for match in re.finditer(UNCHANGED, code):
        end = closing(code, match.end() - 1) + 1
        code = code[:match.start()] + re.sub(r"[^\n]", " ", code[match.start():end]) + code[end:]
    return re.sub(r"^[ \t]*(?:requires|template)\b[^\n]*|\brequires\b[^\n{]*", blank, code, flags=re.M)


def expression_start(code, position, looseness):
    """Where the left operand of what stands at `position` begins; binds tighter than `looseness` or as
    tight."""
    i = position
    while i > 0:
        c = code[i - 1]
        if c == "}" and "\n" in code[i:i + 1]:
            break
        if c in ")]}":
            start = opening(code, i - 1)
            if c == ")" and re.search(r"\b(?:if|for|while|switch) *$", code[max(0, start - 8):start]):
                break
            i = start
            continue
        if c in "([{;,":
            break
        if code[i:i + 1].isspace() and not c.isspace():
            found = re.search(r"(?<=\s)\S{1,3}$", code[max(0, i - 4):i])
            if found and LOOSENESS.get(found.group(), 0) > looseness:
                break
        if c.isspace() and BEFORE_EXPRESSION.search(code[max(0, i - 12):i]):
            break
        i -= 1
    return i + len(code[i:position]) - len(code[i:position].lstrip())


def expression_end(code, position, looseness):
    """Where the right operand ends that begins at `position`; binds tighter than `looseness`."""
    i = position
    while i < len(code):
        if code[i] in "([{":
            i = closing(code, i) + 1
            continue
        if code[i] in ")]};,":
            break
        found = OPERATOR.match(code, i)
        if found and LOOSENESS.get(found.group(), 0) >= looseness:
            break
        i += 1
    return position + len(code[position:i].rstrip())


def statement_end(code, position):
    """Where its semicolon stands, or the end of its block."""
    while position < len(code) and code[position] not in ";)]}":
        position = closing(code, position) + 1 if code[position] in "([{" else position + 1
    return position


def sites(file, text):
    """All of them, in the order in which they stand."""
    code = code_of(text)
    # Of the changed text, without comments and in one line.
    words = blanked(text, literals=False)
    found = []

    def flat(start, end):
        return re.sub(r"\s+", " ", words[start:end]).strip()

    def add(kind, position, start, end, plain, before, after):
        if code[start:end].strip():
            found.append(Site(file, position, start, end, kind, plain, before, after))

    def expression(kind, position, start, end, changed):
        add(kind, position, start, end, f"({changed})", f"(@ ? ({changed}) : (", "))")

    def condition(position, start, end):
        declared = re.match(r"\s*(?:const )?[\w:<>]+[\s*&]+(\w+)\s*=[^=]", code[start:end])
        if declared:
            name = declared.group(1)
            add("negate", position, start, end, f"{flat(start, end)}; !static_cast<bool>({name})", "",
                f"; static_cast<bool>({name}) != @")
        else:
            add("negate", position, start, end, f"!({flat(start, end)})", "static_cast<bool>(", ") != @")

    for_heads = []
    for match in re.finditer(r"\b(if|while|for)\s*\(", code):
        begin, end = match.end(), closing(code, match.end() - 1)
        if match.group(1) == "for":
            for_heads.append(range(begin, end))
        parts = split(code, begin, end, [";"])
        if match.group(1) == "for" and len(parts) != 3:
            continue
        part = parts[1] if match.group(1) == "for" else parts[-1]
        begin = part[0] + len(code[part[0]:part[1]]) - len(code[part[0]:part[1]].lstrip())
        condition(begin, begin, part[1])

    for match in OPERATOR.finditer(code):
        operator, position = match.group(), match.start()
        level = LOOSENESS.get(operator, ASSIGNMENT)
        if operator == "?":
            start = expression_start(code, position - 1, level - 1)
            whole = code[start:position].rstrip()
            add("negate", position, start, start + len(whole), f"!({flat(start, position)})",
                "(static_cast<bool>(", ") != @)")
        elif operator in SWAPPED:
            start = expression_start(code, position - 1, level)
            after = match.end() + len(code[match.end():]) - len(code[match.end():].lstrip())
            end = expression_end(code, after, level + (level == ASSIGNMENT))
            changed = f"{flat(start, position)} {SWAPPED[operator]} {flat(match.end(), end)}"
            if operator in ("+", "+=") and '"' in changed:  # of a text there is no difference
                continue
            expression(f"{operator} to {SWAPPED[operator]}", position, start, end, changed)

    for match in re.finditer(r"(\+\+|--)([\w.]+)", code):
        other = "--" if match.group(1) == "++" else "++"
        expression(f"{match.group(1)} to {other}", *match.span()[:1], *match.span(),
                   other + flat(*match.span(2)))
    for match in re.finditer(r"\b(true|false)\b", code):
        other = "false" if match.group() == "true" else "true"
        expression(f"{match.group()} to {other}", match.start(), *match.span(), other)
    for match in re.finditer(r"(?<![\w.'])\d[\d']*(?:\.\d+f?|[uUlL]*)(?![\w.'])", code):
        by = "- 1" if match.start() % 2 and re.search("[1-9]", match.group()) else "+ 1"
        expression(f"{match.group()} {by}", match.start(), *match.span(), f"{match.group()} {by}")
    for match in re.finditer(r"\(?\bstd::(min|max)\b\)?(?:<[\w:]+>)?(?=\()", code):
        end = closing(code, match.end()) + 1
        other = "max" if match.group(1) == "min" else "min"
        changed = flat(match.start(), end).replace(match.group(1), other, 1)
        expression(f"{match.group(1)} to {other}", match.start(), match.start(), end, changed)

    for match in re.finditer(r"\breturn\s+(?=[^\s;])", code):
        end = statement_end(code, match.end())
        value = flat(match.end(), end)
        if re.fullmatch(r"\{\}|[\d.]+[ufUL]*|true|false|nullptr|std::nullopt|\*this|[\w:]+\{\}", value):
            continue
        nothing = "{}" if value.startswith("{") else f"std::remove_cvref_t<decltype({value})>{{}}"
        add("return nothing", match.start(), match.start(), end + 1, f"return {nothing};",
            f"{{ if (@) return {nothing}; ", " }")

    for match in re.finditer(r"(?:[;{}):]|\belse)\s+(?=[\w*+(-])", code):
        start = match.end()
        before = code[match.start()]
        if before == ")" and not re.search(r"\b(if|for|while)\s*(constexpr\s*)?$",
                                           code[:opening(code, match.start())][-24:]):
            continue
        if before == ":" and not re.search(r"\b(?:case [\w:]+|default):\s+$", code[:start][-80:]):
            continue
        end = statement_end(code, start)
        statement = code[start:end]
        if code[end:end + 1] != ";" or any(start in head for head in for_heads):
            continue
        if NO_STATEMENT.match(statement) or not STATEMENT.match(statement) or is_declaration(statement):
            continue
        add("delete", start, start, end + 1, "{}", "{ if (!@) { ", " } }")
    compared = {(s.start, s.end) for s in found if s.kind in ("== to !=", "!= to ==")}
    found = [s for s in found if s.kind != "negate" or (s.start, s.end) not in compared]
    return sorted(found, key=lambda s: (s.start, s.end, s.kind))


def is_declaration(statement):
    """Of a variable, a function or a constructor."""
    without_brackets, depth = "", 0
    for c in statement:
        depth += (c in "([{") - (c in ")]}")
        if depth == 0:
            without_brackets += c
    if re.match(r"(throw|break|continue|\*|\+\+|--|\()", statement):
        return False
    without_brackets = re.sub(r"<[\w:,\s*&<>]*>", "", without_brackets)
    return bool(re.match(r"[\w:]+[*&]*\s+[*&]*\w", without_brackets)
                or re.search(r"\)\s*(?:noexcept|const|override|:|->\s|=\s*(?:default|delete))", without_brackets))
