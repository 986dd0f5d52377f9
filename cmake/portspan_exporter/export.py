# SPDX-License-Identifier: MIT
"""One cfunc becomes an object file and what goes with it."""
import os
import re
from dataclasses import dataclass

import llvmlite.binding as llvm
from portspan_numba import OWN_STATE, SILENCE, Stream

from .addresses import refuse_addresses
from .arena import DEFAULT, measure
from .code import ENVIRONMENT, compile_callback, rename
from .cpu import Target
from .description import describe
from .header import Declaration, declaration
from .messages import messages
from .notes import notes, remark, warning
from .places import RAISED_AT
from .refusal import Refusal
from .runtime import runtime
from .symbols import (ALLOCATION, COMPILER_RUNTIME, EXCEPTION, HELPER, LIBM, is_served, refuse_symbols,
                      undefined_symbols)
from .vector_math import vector_math


@dataclass
class Exported:
    object: bytes
    runtime: str
    declaration: Declaration
    vector_math: bool  # it may call libmvec
    notes: list
    warnings: list


def export(cfunc, name, options, tree, line):
    """The object, its symbols private to this callback, and what goes with it."""
    target = Target(options.cpu, llvm.parse_assembly(cfunc.inspect_llvm()).triple)
    vectors = vector_math(target, options.vector_math)
    module, plain = compile_callback(cfunc, target, vectors)
    machine = target.machine
    refuse_addresses(module, cfunc, line)
    needed = undefined_symbols(machine.emit_object(module), module)
    refuse_symbols({n for n in needed if not is_served(n) and n not in LIBM and n not in vectors.declared
                    and not COMPILER_RUNTIME.match(n)}, line)
    if any(v.name.startswith(ENVIRONMENT) for v in module.global_variables):
        refuse_symbols({"Python environment"}, line)
    told = messages(module, options.places, line)
    raised_in = options.places.raised_in(cfunc.inspect_llvm()) if RAISED_AT in needed else {}
    stream = cfunc.stream if isinstance(getattr(cfunc, "stream", None), Stream) else None
    initial = stream.initial_state[()] if stream and stream.initial_state is not None else None
    declared = declaration(name, cfunc._sig, line, initial)
    needs_state = declared.needs_state
    # What @stream_callback makes has a state of its own in its code.
    state_size = 0 if stream else declared.state_size
    allocates = bool(needed & ALLOCATION)
    exceptions = sorted(n[len("PyExc_"):] for n in needed if n.startswith("PyExc_"))
    raises = bool(needed & EXCEPTION)
    arena, why, failed = options.arena or DEFAULT, None, False
    if allocates and options.arena is None and options.dry_run:
        arena, why, failed = measure(plain, cfunc, stream, declared.state_size, options.forks)
        why = f"an arena of {arena} bytes: {why}"
    bare = not (allocates or raises or state_size or needs_state or target.features)
    wrapper = module.get_function(cfunc.native_name)
    if bare:
        rename(wrapper, name, line)
        if os.name == "nt" and options.module:
            wrapper.storage_class = "dllexport"
    else:
        rename(wrapper, f"portspan_{name}_compiled", line)
        wrapper.visibility = "hidden"
    own_state = 0
    for value in module.global_variables:
        for own, role in (OWN_STATE, "own_state"), (SILENCE, "silence"):
            if value.name.startswith(own):
                rename(value, f"portspan_{name}_{role}", line)
                value.linkage, value.visibility = "external", "hidden"
                # One that nothing writes to has become a constant: the runtime must not write there either.
                if own == OWN_STATE and is_writable(value):
                    own_state = declared.state_size
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration and is_served(value.name):
            rename(value, f"portspan_{name}_{value.name}", line)
            value.visibility = "hidden"
    served = runtime(name, describe(cfunc._sig, declared, stream), declared, exceptions, told, raised_in, target, arena=arena,
                     allocates=allocates, raises=raises, helpers=bool(needed & HELPER), bare=bare,
                     state_size=state_size, own_state=own_state, needs_state=needs_state)
    place = str(options.source), line
    said = notes(name, unoptimised(cfunc, stream), told, allocates, options.places, tree)
    said += [remark(name, place, what) for what in (vectors.note(), None if failed else why) if what]
    warned = [warning(name, place, why, "with ARENA there is no dry run")] if failed else []
    return Exported(machine.emit_object(module), served, declared, bool(vectors.declared), said, warned)


def is_writable(value):
    """Whether a global variable is none of LLVM's constants; the first word of the two says it, then come its bytes."""
    return re.search(r"\b(global|constant)\b", str(value)).group(1) == "global"


def unoptimised(cfunc, stream):
    """All of the code; that of a decorated function is in its wrapper already."""
    inside = cfunc.body.inspect_llvm().values() if stream else ()
    return "\n".join([cfunc.inspect_llvm(), *inside])


def refuse_same_names(exported, line):
    """Two functions of one header: soft_clip and SoftClip would both have a SoftClipState."""
    names = [one.declaration.state_name for one in exported.values() if one.declaration.state_size]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise Refusal(f"another function in this library has a {twice[0]}, too", "rename one of the functions", line)
