# SPDX-License-Identifier: MIT
"""From Numba's LLVM code to an optimised module for the CPU that was asked for."""
import re

import llvmlite.binding as llvm
from portspan_numba import SILENCE

from .addresses import ADDRESS
from .divisions import without_needless_tests
from .flatten import flatten
from .in_place import in_place, looks_for_overlap
from .refusal import Refusal

ENVIRONMENT = "_ZN08NumbaEnv"


def compile_callback(cfunc, target, vector_math):
    """The module, and its text before the part that depends on the CPU. Where LLVM does not see by itself what a
    programmer sees, it is told between its passes."""
    name = cfunc.native_name
    module = parsed(vector_math.annotate(in_one_piece(without_unwrapping(cfunc.inspect_llvm()), name)))
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration or value.name == name or value.name.startswith("llvm."):
            continue
        # What stands for this process must neither be folded into the code nor stay where nothing uses it: the
        # interpreter sets an environment at run time, and an optimiser that saw NULL would drop what print() does. Nor
        # shall it find out that silence is constant: zeros that may change take no room in the file.
        from_outside = value.name.startswith((ENVIRONMENT, ADDRESS, SILENCE))
        value.linkage = "linkonce_any" if from_outside else "internal"
    tidy(module)
    module = parsed(without_needless_tests(str(module)))
    optimise(module, target.narrow, for_vectors=False)
    text = str(module)
    # Now the squares are seen for what they are.
    if without_needless_tests(text) != text:
        module = parsed(without_needless_tests(text))
        optimise(module, target.narrow, for_vectors=False)
        text = str(module)
    text = flatten(text)
    machine = target.narrow if divides(text) and not vector_math.declared else target.machine
    module = optimised(text, machine)
    if looks_for_overlap(str(module)):
        types = [str(argument.type) for argument in module.get_function(name).arguments]
        module = optimised(in_place(text, name, types), machine)
    return module, text


def parsed(text):
    module = llvm.parse_assembly(text)
    module.verify()
    return module


def optimised(text, machine):
    module = parsed(text)
    for _ in range(2):
        optimise(module, machine)
    return module


def divides(text):
    """Division is as slow in the widest vectors as in those of half the width, or slower."""
    return re.search(r" fdiv | @(llvm\.)?sqrtf?(\.f\d+)?\(", text) is not None


def tidy(module):
    """What is kept in memory becomes a value. Nothing else yet: that would spoil the form of loops."""
    if hasattr(llvm, "create_pass_builder"):
        passes = llvm.create_new_module_pass_manager()
        passes.add_sroa_pass()
        target = llvm.Target.from_triple(module.triple)
        passes.run(module, llvm.create_pass_builder(target.create_target_machine(),
                                                    llvm.create_pipeline_tuning_options()))
        return
    passes = llvm.create_module_pass_manager()
    passes.add_sroa_pass()
    passes.run(module)


def optimise(module, machine, for_vectors=True):
    """LLVM's own passes; without those for vectors loops keep the form in which they were written."""
    if hasattr(llvm, "create_pass_builder"):
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = for_vectors
        options.loop_interleaving = options.loop_unrolling = for_vectors
        builder = llvm.create_pass_builder(machine, options)
        passes = builder.getModulePassManager()
        # Numba's own pass: counting references up and down again is most of what its raw code does.
        passes.add_refprune_pass()
        passes.add_strip_dead_prototype_pass()
        passes.run(module, builder)
        return
    builder = llvm.create_pass_manager_builder()
    builder.opt_level = 3
    builder.loop_vectorize = builder.slp_vectorize = for_vectors
    builder.disable_unroll_loops = not for_vectors
    builder.inlining_threshold = 225
    passes = llvm.create_module_pass_manager()
    machine.add_analysis_passes(passes)
    builder.populate(passes)
    passes.add_refprune_pass()
    passes.run(module)


def in_one_piece(ir, name):
    """Numba keeps the callback itself out of the function with the C interface, which is called in its place."""
    apart = rf"(?ms)^(define [^\n]*@{re.escape(name)}\([^\n]*\{{\n(?:(?!^\}}).)*?call i32 @[^\n]*?\)) #\d+$"
    return re.sub(apart, r"\1", ir, count=1)


def without_unwrapping(ir):
    """Newer Numba turns the arguments of an exception into Python objects in functions of this name; only the
    exception's text is kept here, so they hand back what they were given."""
    return re.sub(r"(?ms)^(define [^\n]*@__excinfo_unwrap_args\w*\((\S+) (%[\w.\"-]+)\)[^\n]*\{)\n.*?^\}",
                  r"\1\n  ret \2 \3\n}", ir)


def rename(value, name, line):
    """LLVM adds a number to a name that the module has already."""
    value.name = name
    if value.name != name:
        raise Refusal(f"the name {name} is in use in the compiled code", "rename the function", line)
