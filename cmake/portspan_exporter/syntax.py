# SPDX-License-Identifier: MIT
"""The user's file as Python's own parser sees it."""
import ast
import io
import os
import pathlib
import tokenize

from .refusal import Refusal


def read(source):
    try:
        data = source.read_bytes()
        check_encoding(data, source)
        return ast.parse(data, str(source))
    except SyntaxError as error:
        raise Refusal(f"syntax error: {error.msg}", "correct the file", error.lineno, source) from None
    except ValueError as error:
        raise Refusal(f"it is no text: {error}", "correct the file", file=source) from None
    except OSError as error:
        raise Refusal(f"it cannot be read: {error.strerror}", "see to its permissions", file=source) from None


def encoding_of(data):
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        # One that there is none of the parser refuses; else the first lines are not the UTF-8 that they have to be.
        return None if "unknown encoding" in str(error) else "utf-8"


def check_encoding(data, source):
    """As `python3 file.py` does; what imports a file passes over bytes in comments."""
    encoding = encoding_of(data)
    try:
        data.decode(encoding or "latin-1")
    except UnicodeDecodeError as error:
        raise Refusal(f"it is no {encoding.upper()} text: byte {data[error.start]:#x}",
                      "save it as UTF-8, or say its encoding in the first line, # coding: latin-1",
                      data.count(b"\n", 0, error.start) + 1, source) from None


def same_file(path, source):
    try:
        return os.path.samefile(path, source)
    except OSError:
        return False


def read_line(source, line):
    data = pathlib.Path(source).read_bytes()
    lines = data.decode(encoding_of(data) or "latin-1", errors="replace").splitlines()
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def enclosing(tree, line):
    """The function that a line belongs to."""
    inside = [node for node in functions(tree)
              if min([node.lineno] + [d.lineno for d in node.decorator_list]) <= line <= node.end_lineno]
    return max(inside, key=lambda node: node.lineno) if inside else None


def own_nodes(function):
    """The nodes of a function without those of the functions inside it."""
    found, pending = [], list(function.body)
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)
    return found


def ends_with_return(function):
    return isinstance(function.body[-1], ast.Return)


def defines(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    return [getattr(target, "id", None) for target in node.targets] if isinstance(node, ast.Assign) else []


def root_name(node):
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def makes_array(call):
    return ast.unparse(call.func).split(".")[-1] in ("carray", "farray")
