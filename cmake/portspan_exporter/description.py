# SPDX-License-Identifier: MIT
"""What a callback says about itself: the values of struct portspan_description (include/portspan/description.h)."""
from dataclasses import astuple, dataclass

from numba import types

from .signature import pointee

FORMATS = {types.float32: 1, types.int32: 2, types.int16: 8, types.int8: 16, types.uint8: 32}
INTERLEAVED, PLANAR = 1, 2
NO_CHANNELS = -1
IN_PLACE, NOT_IN_PLACE, NEEDS_STATE = 1, 2, 4


@dataclass
class Description:
    """In the struct's order; 0 is what is not known."""
    abi_version: int = 1
    size: int = 64
    input_format: int = 0
    output_format: int = 0
    layout: int = 0
    properties: int = 0
    input_channels: int = 0
    output_channels: int = 0
    state_size: int = 0
    state_hash: int = 0
    largest_block: int = 0
    reserved: int = 0

    def initializer(self):
        return ", ".join(f"{value:#x}ull" if value > 0xffffffff else str(value) for value in astuple(self))


def samples(kind):
    """The format and the layout that a type of input or output speaks of."""
    target = pointee(kind)
    inner = pointee(target) if target is not None else None
    if inner is not None:
        return FORMATS.get(inner, 0), PLANAR
    return FORMATS.get(target, 0), INTERLEAVED if target in FORMATS else 0


def describe(signature, declared, stream=None):
    """A signature tells the samples and how they lie; how many channels there are, only the decorator knows."""
    input_format, input_layout = samples(signature.args[0])
    output_format, output_layout = samples(signature.args[1])
    layouts = {input_layout, output_layout} - {0}
    properties = NEEDS_STATE if declared.needs_state else 0
    if stream and stream.in_place is not None:
        properties |= IN_PLACE if stream.in_place else NOT_IN_PLACE
    channels = [0, 0]
    if stream:
        channels = [side.channels if side else NO_CHANNELS for side in (stream.input, stream.output)]
    return Description(
        input_format=input_format, output_format=output_format, layout=layouts.pop() if len(layouts) == 1 else 0,
        properties=properties, input_channels=channels[0], output_channels=channels[1],
        state_size=declared.state_size, state_hash=declared.state_hash)
