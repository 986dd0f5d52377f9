# SPDX-License-Identifier: MIT
"""One cfunc becomes an object file and what goes with it."""
import os

import llvmlite.binding as llvm

from .addresses import refuse_addresses
from .code import ENVIRONMENT, compile_callback, rename, target_machine
from .header import header
from .messages import messages
from .runtime import config
from .symbols import (ALLOCATION, COMPILER_RUNTIME, EXCEPTION, HELPER, LIBM, is_served, refuse_symbols,
                      undefined_symbols)


def export(cfunc, options, line):
    """The object, its symbols private to this callback, and what the runtime has to know."""
    name = options.function
    machine = target_machine(options.cpu, llvm.parse_assembly(cfunc.inspect_llvm()).triple)
    module = compile_callback(cfunc, machine)
    refuse_addresses(module, cfunc, line)
    needed = undefined_symbols(machine.emit_object(module), module)
    refuse_symbols({n for n in needed if not is_served(n) and n not in LIBM and not COMPILER_RUNTIME.match(n)}, line)
    if any(v.name.startswith(ENVIRONMENT) for v in module.global_variables):
        refuse_symbols({"Python environment"}, line)
    texts = messages(module, line)
    text, state_size, needs_state = header(name, options.source, cfunc._sig, line)
    allocates = bool(needed & ALLOCATION)
    exceptions = sorted(n[len("PyExc_"):] for n in needed if n.startswith("PyExc_"))
    raises = bool(needed & EXCEPTION)
    bare = not (allocates or raises or state_size or needs_state)
    wrapper = module.get_function(cfunc.native_name)
    if bare:
        rename(wrapper, name, line)
        if os.name == "nt" and options.module:
            wrapper.storage_class = "dllexport"
    else:
        rename(wrapper, f"portspan_{name}_compiled", line)
        wrapper.visibility = "hidden"
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration and is_served(value.name):
            rename(value, f"portspan_{name}_{value.name}", line)
            value.visibility = "hidden"
    data = machine.emit_object(module)
    return data, text, config(name, options.arena, allocates, raises, bool(needed & HELPER), bare, state_size,
                              needs_state, exceptions, texts if raises else {})
