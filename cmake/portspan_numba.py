# SPDX-License-Identifier: MIT
"""A PortAudio callback written as a function of NumPy arrays:

    from portspan_numba import stream_callback

    @stream_callback(channels=2, state=[("drive", "f4")])
    def warm(input, output, state):
        for frame in range(output.shape[0]):
            for channel in range(output.shape[1]):
                output[frame, channel] = math.tanh(state.drive * input[frame, channel])

`warm` is then a Numba cfunc with the parameters of PaStreamCallback: its .address, .cffi and .ctypes go to whatever
takes such a function, portspan_add_numba_callback makes a C library of it, and called in Python it is the plain
function. This file needs Numba and nothing else; a copy of it works anywhere.
"""
import difflib
import functools
import inspect
from dataclasses import dataclass

import numpy as np
import llvmlite.ir as llvm
from numba import carray, cfunc, from_dtype, njit, types
from numba.core import cgutils, ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.cpu import CPUTargetOptions
from numba.core.untyped_passes import IRProcessing
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

SAMPLES = ("float32", "int32", "int16", "int8", "uint8")
PARAMETERS = ("input", "output", "state", "time", "status")
MOST_CHANNELS = 1024
SWITCHES_OR_NONE = ("in_place", "boundscheck")
SWITCHES = ("planar", *SWITCHES_OR_NONE, "nogil", "nopython", "forceobj", "cache")
ERROR_MODELS = ("numpy", "python")
FAST_MATH = ("nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc")
# Where there is no input, longer blocks are processed in pieces of so many frames: the silence has to be somewhere.
SILENT_FRAMES = 4096
# What stands in where PortAudio passes NULL, by the names that it has in the compiled code.
OWN_STATE, SILENCE, NO_TIME = "portspan.own_state", "portspan.silence", "portspan.no_time"

# What new_state() and its callers need of an array: a field of such a name would hide it.
OF_ARRAYS = ("copy", "ctypes", "dtype", "view")

# PaStreamCallbackTimeInfo.
TimeInfo = types.Record.make_c_struct([
    (name, types.float64) for name in ("inputBufferAdcTime", "currentTime", "outputBufferDacTime")])


class StreamCallbackError(TypeError):
    """What is wrong with a callback, what to do about it, and whether it is what the function returns."""

    def __init__(self, reason, cure, is_result=False):
        super().__init__(f"{reason}: {cure}")
        self.reason, self.cure, self.is_result = reason, cure, is_result


@dataclass(frozen=True)
class Side:
    """One direction of the stream."""
    sample: str
    channels: int
    planar: bool

    @property
    def pointer(self):
        samples = types.CPointer(getattr(types, self.sample))
        return types.CPointer(samples) if self.planar else samples

    def view(self, readonly=False):
        """The type of what the function gets."""
        sample = getattr(types, self.sample)
        if self.planar:
            return types.UniTuple(types.Array(sample, 1, "C", readonly=readonly), self.channels)
        return types.Array(sample, 2, "C", readonly=readonly)

    def silence(self):
        """As much of it as the longest piece takes; PortAudio's unsigned samples rest in the middle."""
        channels = 1 if self.planar else self.channels
        return np.full(SILENT_FRAMES * channels, 128 if self.sample == "uint8" else 0, self.sample)


@dataclass(frozen=True)
class Stream:
    """What a callback was written for, and what stands in where its stream has no state: callback.stream."""
    input: Side
    output: Side
    in_place: bool
    initial_state: np.ndarray


class State(np.recarray):
    """What new_state() returns: the state that a stream gets by its .ctypes.data, and the record that the function gets
    when Python calls it.

    Numbers are copied out, as compiled code does: those of a record array would change with it. And a field may have a
    name that arrays have, such as max.
    """

    def __getattribute__(self, name):
        fields = np.ndarray.__getattribute__(self, "dtype").fields or ()
        if name not in fields:
            try:
                return super().__getattribute__(name)
            except AttributeError:
                # Names like __array_ufunc__ are what NumPy and Python ask for.
                if not fields or name.startswith("__"):
                    raise
            raise no_field(name, fields)
        value = self[name]
        return value if value.dtype.names else value[()]

    def __setattr__(self, name, value):
        fields = np.ndarray.__getattribute__(self, "dtype").fields or ()
        if name in fields:
            self[name] = value
        elif name == "dtype":  # NumPy itself, in a view
            super().__setattr__(name, value)
        else:
            raise no_field(name, fields)

    def __setitem__(self, name, value):
        fields = np.ndarray.__getattribute__(self, "dtype").fields or ()
        if isinstance(name, str) and name in fields:
            kind = fields[name][0].base
            refuse_overflow(name, kind, value)
            if kind.kind in "iu" and isinstance(value, np.integer):
                value = value.astype(kind)
        super().__setitem__(name, value)


def no_field(name, fields):
    return AttributeError(f"the state has no field {name}, it has {', '.join(fields)}")


def refuse_overflow(name, kind, value):
    """Numbers of Python's own that an integer field cannot hold, whichever version of NumPy there is.

    Those of NumPy's types come out of the callback's own arithmetic: they wrap, as in compiled code.
    """
    if kind.kind not in "iu" or isinstance(value, (np.ndarray, np.generic)):
        return
    if isinstance(value, (list, tuple)):
        for one in value:
            refuse_overflow(name, kind, one)
    elif isinstance(value, (int, float)):
        limits = np.iinfo(kind)
        # Of a fraction the field takes the integer part. No comparison with nan is true.
        if not limits.min - 1 < value < limits.max + 1:
            raise OverflowError(f"{name} is {value!r}: {kind} holds {limits.min} to {limits.max}")


def stream_callback(*misplaced, channels=None, sample="float32", planar=False, state=None, defaults=None,
                    in_place=None, error_model="numpy", **options):
    """Makes a PaStreamCallback of a function that takes some of `input`, `output`, `state`, `time` and `status`.

    channels     a number, or (of the input, of the output); 0 for a side that the stream does not have
    sample       "float32", "int32", "int16", "int8" or "uint8", or a pair of these
    planar       the buffers are one array a channel, input[channel][frame], instead of input[frame, channel]
    state        the fields of the callback's data, [("gain", "f4"), ("line", "f8", 1024)], or an aligned NumPy dtype
    defaults     what they hold in a new state, {"gain": 0.5}; 0 where it says nothing
    in_place     True where input and output may be the same memory, False where they must not
    error_model  and all further options are those of numba.njit, such as fastmath=True

    The input cannot be written to, and is silence where PortAudio has none. The function returns nothing or 0 to go on,
    1 to complete, 2 to abort; an exception aborts. Where the stream has no state, the callback uses one of its own;
    new_state() of the result makes another.
    """
    if misplaced:
        raise StreamCallbackError("@stream_callback takes its options by name",
                                  "write @stream_callback(channels=2) above the function")
    refuse_unknown(options)
    refuse_values({"planar": planar, "in_place": in_place, "error_model": error_model, "defaults": defaults, **options})
    shape = list(zip(pair_of_samples(sample), pair_of_channels(channels)))
    initial = initial_state(state, defaults)

    def decorate(function):
        names = parameters(function)
        refuse_missing(names, shape, initial)
        input, output = (Side(kind, count, bool(planar)) if name in names else None
                         for name, (kind, count) in zip(("input", "output"), shape))
        return make_callback(function, names, Stream(input, output, in_place, initial),
                             {"error_model": error_model, **options})

    return decorate


def make_callback(function, names, stream, options):
    record = types.void if stream.initial_state is None else from_dtype(stream.initial_state.dtype)
    kinds = {"input": stream.input and stream.input.view(readonly=True),
             "output": stream.output and stream.output.view(),
             "state": record, "time": TimeInfo, "status": types.ulong}
    # Compiled before there is a wrapper around it: what Numba has to say is then about the user's lines alone.
    body = compiled(function, names, kinds, stream, options)
    refuse_result(body.nopython_signatures[0].return_type)
    scope = {"body": body, "carray": carray, "intp": types.intp, "advance": advance, "is_null": is_null,
             "readonly": readonly, "result_code": result_code,
             "no_time": memory(NO_TIME, TimeInfo, bytes(TimeInfo.size))}
    if "state" in names:
        scope["own_state"] = memory(OWN_STATE, record, stream.initial_state.tobytes())
    for side, planes in (stream.input, input_planes), (stream.output, output_planes):
        if side and side.planar:
            scope[planes.__name__] = planes(kinds["input" if side is stream.input else "output"])
    if stream.input:
        scope["silence"] = memory(SILENCE, getattr(types, stream.input.sample), stream.input.silence().tobytes())
    exec(compile(wrapper(names, stream), "<portspan_numba>", "exec"), scope)
    pointers = [side.pointer if side else types.voidptr for side in (stream.input, stream.output)]
    callback = cfunc(types.intc(*pointers, types.ulong, types.CPointer(TimeInfo), types.ulong, types.CPointer(record)),
                     error_model=options["error_model"])(scope["callback"])
    functools.update_wrapper(callback, function)
    callback._pyfunc = function  # what a cfunc calls in Python
    callback.stream, callback.body = stream, body
    if stream.initial_state is not None:
        callback.new_state = stream.initial_state.view(State).copy
    return callback


def compiled(function, names, kinds, stream, options):
    channels = {name: side.channels for name, side in (("input", stream.input), ("output", stream.output))
                if side and not side.planar}
    # It is called from C alone.
    options = {**options, "forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(tuple(kinds[name] for name in names), pipeline_class=compiler(channels), **options)(function)


def wrapper(names, stream):
    """The source of the function with PaStreamCallback's parameters."""
    given = {"state": "record", "time": "moment", "status": "status"}
    before, inside, piece = [], [], "count"
    if stream.input:
        side = stream.input
        piece = f"min(count - at, {SILENT_FRAMES}) if is_null(input) else count"
        if side.planar:
            given["input"] = "input_planes(input, silence(), piece)"
        else:
            before += ["source = silence() if is_null(input) else input"]
            given["input"] = f"readonly(carray(source, (piece, {side.channels})))"
    if stream.output:
        side = stream.output
        before += ["if is_null(output):", "    return 2"]
        given["output"] = ("output_planes(output, at, piece)" if side.planar else
                           f"carray(advance(output, at * {side.channels}), (piece, {side.channels}))")
    if "state" in names:
        before += ["record = carray(own_state() if is_null(state) else state, 1)[0]"]
    if "time" in names:
        before += ["moment = carray(no_time() if is_null(time) else time, 1)[0]"]
    lines = [*before, "count = intp(frames)", "at = 0", "while True:", f"    piece = {piece}",
             f"    result = result_code(body({', '.join(given[name] for name in names)}))", "    at += piece",
             "    if result != 0 or at >= count:", "        return result"]
    return "def callback(input, output, frames, time, status, state):\n" + "".join(f"    {line}\n" for line in lines)


def refuse_unknown(options):
    """Before all others: a misspelt channels is not one that is missing."""
    of_numba = {name for name in dir(CPUTargetOptions)
                if isinstance(getattr(CPUTargetOptions, name), CPUTargetOptions.Mapping)} | {"cache", "locals"}
    for name in options:
        if name not in of_numba:
            own = [key for key, one in inspect.signature(stream_callback).parameters.items()
                   if one.kind == one.KEYWORD_ONLY]
            nearest = difflib.get_close_matches(name, [*own, *sorted(of_numba)], 1)
            raise StreamCallbackError(f"neither stream_callback nor numba.njit has the option {name!r}",
                                      f"{f'write {nearest[0]}' if nearest else 'correct its name'}, or leave it out")


def refuse_values(options):
    """A value that is true somehow, such as "no", would be taken for True, by this file and by Numba."""
    for name, value in options.items():
        cure = None
        if name in SWITCHES and not is_switch(value) and not (value is None and name in SWITCHES_OR_NONE):
            cure = "write True or False" + (", or leave it out" if name in SWITCHES_OR_NONE else "")
        elif name == "error_model" and not (isinstance(value, str) and value in ERROR_MODELS):
            cure = f"write {' or '.join(map(repr, ERROR_MODELS))}"
        elif name == "defaults" and not isinstance(value, (dict, type(None))):
            cure = 'write a dictionary of fields and what they hold, defaults={"gain": 0.5}'
        elif name == "fastmath" and not isinstance(value, bool) and not (
                isinstance(value, (set, dict)) and set(value) <= {"fast", *FAST_MATH}):
            cure = f"write True or False, or a set of {', '.join(FAST_MATH)}"
        if cure:
            raise StreamCallbackError(f"{name} is {value!r}", cure)


def is_switch(value):
    return isinstance(value, (int, np.bool_)) and value in (False, True)


def pair_of_samples(sample):
    pair = sample if isinstance(sample, tuple) and len(sample) == 2 else (sample, sample)
    pair = tuple(np.dtype(one).name if isinstance(one, (type, np.dtype)) else one for one in pair)
    if any(one == "int24" for one in pair):
        raise StreamCallbackError("sample is int24, packed samples of three bytes, which NumPy has no type for",
                                  'write "int32" or "float32" and open the stream so: PortAudio converts')
    for one in pair:
        if one not in SAMPLES:
            raise StreamCallbackError(f"sample is {one!r}, PortAudio has no such sample",
                                      f"write one of {', '.join(SAMPLES)}, or (of the input, of the output)")
    return pair


def pair_of_channels(channels):
    pair = channels if isinstance(channels, tuple) and len(channels) == 2 else (channels, channels)
    if channels is None:
        raise StreamCallbackError("channels is missing, PortAudio tells a callback nothing of its channels",
                                  "write channels=2, or channels=(of the input, of the output)")
    if any(type(one) is not int or not 0 <= one <= MOST_CHANNELS for one in pair) or pair == (0, 0):
        raise StreamCallbackError(f"channels is {channels!r}",
                                  f"write a number of 1 to {MOST_CHANNELS}, or (of the input, of the output)")
    return pair


def initial_state(fields, defaults):
    """A new state, an array without dimensions; None where there is none."""
    if fields is None:
        if defaults:
            raise StreamCallbackError("there are defaults without a state", 'write state=[("gain", "f4")]')
        return None
    try:
        dtype = np.dtype(fields, align=not isinstance(fields, np.dtype))
        from_dtype(dtype)
        if not dtype.names:
            raise TypeError("it has no fields")
    except Exception as error:
        cure = 'write its fields, state=[("gain", "f4"), ("line", "f8", 1024)]'
        if "'Record' object has no attribute 'bitwidth'" in str(error):
            cure = "a newer Numba has arrays of records, this one has arrays of numbers"
        raise StreamCallbackError(f"Numba cannot use the state {fields!r}: {' '.join(str(error).split())}",
                                  cure) from None
    refuse_fields(dtype)
    initial = np.zeros((), dtype)
    for name, value in (defaults or {}).items():
        if name not in dtype.names:
            raise StreamCallbackError(f"there is a default for {name!r}, which the state does not have",
                                      f"it has {', '.join(dtype.names)}")
        if dtype[name].names or dtype[name].subdtype and dtype[name].subdtype[0].names:
            raise StreamCallbackError(f"there is a default for {name!r}, which is a record",
                                      "write defaults for numbers and arrays of numbers")
        try:
            initial[name] = np.asarray(value).astype(dtype[name].base)
            fits = np.all(np.isfinite(initial[name])) and np.allclose(initial[name].astype(complex), value)
        except (TypeError, ValueError, OverflowError):
            fits = False
        if not fits:
            raise StreamCallbackError(f"the default of {name!r} is {value!r}", f"write what fits into {dtype[name]}")
    return initial


def refuse_fields(dtype):
    for name in dtype.names or ():
        if name in OF_ARRAYS:
            raise StreamCallbackError(f"the state has the field {name!r}, and an array has a `{name}` of its own",
                                      "rename the field")
        refuse_fields(dtype[name].base)


def parameters(function):
    if not inspect.isfunction(function):
        raise StreamCallbackError(f"@stream_callback is above {function!r}, which is no function",
                                  "put no other decorator below it")
    taken = inspect.signature(function).parameters.values()
    for parameter in taken:
        plain = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.POSITIONAL_ONLY)
        if not plain or parameter.default is not parameter.empty or parameter.name not in PARAMETERS:
            raise StreamCallbackError(f"it has the parameter `{parameter}`",
                                      "take some of input, output, state, time and status, by these names")
    return [parameter.name for parameter in taken]


def refuse_missing(names, shape, initial):
    """The parameters have to be what the decorator describes."""
    if "input" not in names and "output" not in names:
        raise StreamCallbackError("it takes neither input nor output", "take one of them, or both")
    for side, (_, count) in zip(("input", "output"), shape):
        if side in names and count == 0:
            raise StreamCallbackError(f"it takes {side}, and channels says that there is none",
                                      f"correct channels, or leave out {side}")
    if "state" in names and initial is None:
        raise StreamCallbackError("it takes a state, and nothing says what is in it",
                                  'write @stream_callback(..., state=[("gain", "f4")])')
    if "state" not in names and initial is not None:
        raise StreamCallbackError("it does not take the state that its decorator describes",
                                  "take the parameter state, or leave out state=")


def refuse_result(kind):
    inner = kind.type if isinstance(kind, types.Optional) else kind
    if not isinstance(inner, (types.Integer, types.Boolean, types.NoneType)):
        raise StreamCallbackError("it is a generator" if isinstance(kind, types.Generator) else f"it returns {kind}",
                                  "return nothing or 0 (go on), 1 (complete), 2 (abort)", is_result=True)


def compiler(channels):
    """A compiler of functions whose array parameters have those numbers of channels.

    A function is optimised before its caller is, who knows. Told at its beginning, it has loops over channels that are
    as good as those of a cfunc that says `carray(input, (frames, 2))` itself.
    """
    @register_pass(mutates_CFG=False, analysis_only=False)
    class KnownChannels(FunctionPass):
        _name = "portspan_known_channels"

        def __init__(self):
            super().__init__()

        def run_pass(self, state):
            block = state.func_ir.blocks[min(state.func_ir.blocks)]
            for given in [one for one in block.body if isinstance(one, ir.Assign) and isinstance(one.value, ir.Arg)]:
                if given.value.name in channels:
                    self.tell(state.func_ir, block, given, channels[given.value.name])
            return True

        @staticmethod
        def tell(function, block, given, count):
            """Inserts `know_channels(array, count)` behind the parameter."""
            callee, number, result = [ir.Var(block.scope, f"$portspan.{given.target.name}.{part}", given.loc)
                                      for part in ("callee", "number", "result")]
            values = {callee: ir.Global("know_channels", know_channels, given.loc), number: ir.Const(count, given.loc),
                      result: ir.Expr.call(callee, (given.target, number), (), given.loc)}
            at = block.body.index(given)
            for variable, value in values.items():
                at += 1
                block.body.insert(at, ir.Assign(value, variable, given.loc))
                function._definitions[variable.name] = [value]

    class Compiler(CompilerBase):
        def define_pipelines(self):
            passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
            passes.add_pass_after(KnownChannels, IRProcessing)
            passes.finalize()
            return [passes]

    return Compiler


@intrinsic
def know_channels(typing, view, count):
    """Tells LLVM what it could not see."""
    def code(context, builder, signature, arguments):
        array = context.make_array(view)(context, builder, arguments[0])
        frames, channels = cgutils.unpack_tuple(builder, array.shape)
        strides = cgutils.unpack_tuple(builder, array.strides)
        count = context.cast(builder, arguments[1], signature.args[1], types.intp)
        for one, other in ((channels, count), (strides[0], builder.mul(count, array.itemsize)),
                           (strides[1], array.itemsize),
                           (array.itemsize, context.get_constant(types.intp, view.dtype.bitwidth // 8))):
            builder.assume(builder.icmp_signed("==", one, other))
        return context.get_dummy_value()
    return types.none(view, count), code


# What the wrapper does with pointers; each is an instruction or none.

@intrinsic
def is_null(typing, pointer):
    def code(context, builder, signature, arguments):
        return cgutils.is_null(builder, arguments[0])
    return types.boolean(pointer), code


@intrinsic
def advance(typing, pointer, count):
    def code(context, builder, signature, arguments):
        return builder.gep(arguments[0], [arguments[1]])
    return pointer(pointer, count), code


@intrinsic
def readonly(typing, view):
    """The same array, that Numba lets nobody write to."""
    def code(context, builder, signature, arguments):
        context.nrt.incref(builder, signature.return_type, arguments[0])
        return arguments[0]
    return view.copy(readonly=True)(view), code


# A planar side as a tuple of arrays. Made of one carray() a channel, Numba would take minutes for hundreds of them.

def input_planes(view):
    @intrinsic
    def planes(typing, pointers, silence, frames):
        def code(context, builder, signature, arguments):
            pointers, silence, frames = arguments
            # Without an input every channel is the same silence.
            absent = cgutils.is_null(builder, pointers)
            table = builder.select(absent, cgutils.alloca_once_value(builder, silence), pointers)
            step = builder.select(absent, frames.type(0), frames.type(1))
            return arrays(context, builder, view, frames, lambda channel: builder.load(
                builder.gep(table, [builder.mul(step, frames.type(channel))])))
        return view(pointers, silence, frames), code
    return planes


def output_planes(view):
    @intrinsic
    def planes(typing, pointers, start, frames):
        def code(context, builder, signature, arguments):
            pointers, start, frames = arguments
            return arrays(context, builder, view, frames, lambda channel: builder.gep(
                builder.load(builder.gep(pointers, [frames.type(channel)])), [start]))
        return view(pointers, start, frames), code
    return planes


def arrays(context, builder, view, frames, plane):
    """The tuple of that type, of what plane(channel) points at."""
    size = context.get_constant(types.intp, view.dtype.dtype.bitwidth // 8)
    made = []
    for channel in range(view.count):
        array = context.make_array(view.dtype)(context, builder)
        populate_array(array, data=plane(channel), shape=[frames], strides=[size], itemsize=size, meminfo=None)
        made.append(array._getvalue())
    return context.make_tuple(builder, view, made)


@intrinsic
def result_code(typing, result):
    """What the function returned as PaStreamCallbackResult; nothing is paContinue."""
    def code(context, builder, signature, arguments):
        kind, value = signature.args[0], arguments[0]
        go_on = context.get_constant(types.intc, 0)
        if isinstance(kind, types.NoneType):
            return go_on
        if not isinstance(kind, types.Optional):
            return context.cast(builder, value, kind, types.intc)
        optional = context.make_helper(builder, kind, value)
        return builder.select(cgutils.as_bool_bit(builder, optional.valid),
                              context.cast(builder, optional.data, kind.type, types.intc), go_on)
    return types.intc(result), code


def memory(name, kind, content):
    """A function that returns a pointer to memory of the callback's own, which holds `content` at first."""
    @intrinsic
    def pointer(typing):
        def code(context, builder, signature, arguments):
            own = builder.module.globals.get(name)
            if own is None:
                own = llvm.GlobalVariable(builder.module, llvm.ArrayType(llvm.IntType(8), len(content)), name)
                own.linkage, own.align = "internal", 64
                own.initializer = llvm.Constant(own.value_type, bytearray(content) if any(content) else None)
            return builder.bitcast(own, context.get_value_type(signature.return_type))
        return types.CPointer(kind)(), code
    return pointer
