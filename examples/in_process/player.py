# SPDX-License-Identifier: MIT
"""Plays callbacks that this process has compiled, by an address, through libplayer.so (player.cpp)."""
import ctypes
import itertools
import os
import weakref

library = ctypes.CDLL(os.environ.get("PLAYER_LIBRARY", "./libplayer.so"))
Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
library.player_open.argtypes = [ctypes.c_size_t, ctypes.c_void_p, Release, ctypes.c_void_p]
library.player_open.restype = ctypes.c_void_p
library.player_error.restype = ctypes.c_char_p
for function in library.player_start, library.player_stop, library.player_active:
    function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_bool
library.player_close.argtypes, library.player_close.restype = [ctypes.c_void_p], None

kept = {}  # what the open streams use, by token
release = Release(lambda token: kept.pop(token))
tokens = itertools.count(1)


class Player:
    """A stream on the callback at `address`; whatever `keep` is stays alive until it is closed."""

    def __init__(self, address, state, *keep):
        token = next(tokens)
        kept[token] = keep
        self.stream = library.player_open(address, state, release, token)
        if not self.stream:
            raise RuntimeError(library.player_error().decode())
        # Called by hand, when nobody has the Player any more, or before the interpreter ends.
        self.close = weakref.finalize(self, library.player_close, self.stream)

    def start(self):
        if not self.close.alive:
            raise RuntimeError("the stream is closed")
        if not library.player_start(self.stream):
            raise RuntimeError(library.player_error().decode())

    def active(self):
        return self.close.alive and library.player_active(self.stream)
