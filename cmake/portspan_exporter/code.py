# SPDX-License-Identifier: MIT
"""From Numba's LLVM code to an optimised module for the CPU that was asked for."""
import re

import llvmlite.binding as llvm
from portspan_numba import SILENCE

from .addresses import ADDRESS
from .refusal import Refusal


def optimise(module, machine):
    if hasattr(llvm, "create_pass_builder"):
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = True
        options.loop_interleaving = options.loop_unrolling = True
        builder = llvm.create_pass_builder(machine, options)
        for _ in range(2):
            passes = builder.getModulePassManager()
            # Numba's own pass: counting references up and down again is most of what its raw code does.
            passes.add_refprune_pass()
            passes.add_strip_dead_prototype_pass()
            passes.run(module, builder)
        return
    for _ in range(2):
        builder = llvm.create_pass_manager_builder()
        builder.opt_level = 3
        builder.loop_vectorize = builder.slp_vectorize = True
        builder.inlining_threshold = 225
        passes = llvm.create_module_pass_manager()
        machine.add_analysis_passes(passes)
        builder.populate(passes)
        passes.add_refprune_pass()
        passes.run(module)


def without_unwrapping(ir):
    """Newer Numba turns the arguments of an exception into Python objects in functions of this name; only the
    exception's text is kept here, so they hand back what they were given."""
    return re.sub(r"(?ms)^(define [^\n]*@__excinfo_unwrap_args\w*\((\S+) (%[\w.\"-]+)\)[^\n]*\{)\n.*?^\}",
                  r"\1\n  ret \2 \3\n}", ir)


ENVIRONMENT = "_ZN08NumbaEnv"


def compile_callback(cfunc, machine):
    module = llvm.parse_assembly(without_unwrapping(cfunc.inspect_llvm()))
    module.verify()
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration or value.name == cfunc.native_name:
            continue
        # What stands for this process must neither be folded into the code nor stay where nothing uses it: the
        # interpreter sets an environment at run time, and an optimiser that saw NULL would drop what print() does. Nor
        # shall it find out that silence is constant: zeros that may change take no room in the file.
        from_outside = value.name.startswith((ENVIRONMENT, ADDRESS, SILENCE))
        value.linkage = "linkonce_any" if from_outside else "internal"
    optimise(module, machine)
    return module


def rename(value, name, line):
    """LLVM adds a number to a name that the module has already."""
    value.name = name
    if value.name != name:
        raise Refusal(f"the name {name} is in use in the compiled code", "rename the function", line)
