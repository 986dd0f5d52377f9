// SPDX-License-Identifier: MIT
// The text of --help.
#include "help.hpp"

namespace run_callback {

// CLI11 would not break the lines, nor show what belongs together.
const char* help() {
    return R"(usage: run_callback LIBRARY SYMBOL [options]
       run_callback LIBRARY SYMBOL --check [options]
       run_callback --watch SOURCE [FUNCTION] [options]
       run_callback --describe LIBRARY
       run_callback --list-devices [--json]

Runs a compiled PortAudio callback, SYMBOL in the shared library LIBRARY, on sound files and sound
devices. File to file it renders offline: no device is touched, the same input gives the same
output, as fast as the machine allows. With a device on either side it opens a PortAudio stream.

  --input FILE | device[:NAME] | none
  --output FILE | device[:NAME] | none
      FILE         output: .wav or .flac; input: whatever libsndfile reads, and not the output.
                   ./none is a file of that name.
      device       the default device; device:NAME the one of that name, or the only one that has
                   the words of NAME, in their order, in "name, host API", whatever their case;
                   device:3 the one with that number in --list-devices
      none         no input: the callback gets NULL. No output: it gets a buffer, and what it
                   writes there is dropped. A side that is not given is none.

  --format NAME              the callback's samples: float32 (default), int32, int24 (packed),
                             int16, int8, uint8
  --planar                   the callback gets a buffer for each channel, not one in which the
                             channels alternate
  --in-place                 the input is copied to the output and that one buffer is passed twice
  --global                   the library's symbols are visible to libraries loaded later
  --channels IN[:OUT]        the callback's channels, OUT is IN unless given; 0: no such direction.
                             Default: those of the input file, at most two of a device. A
                             callback for two channels needs --channels 2 with a mono file
  --sample-rate HZ           default: the input file's, else the device's, else 48000
  --frames-per-buffer N      frames per call; default 0: the host chooses (offline: 256)
  --seconds S                end after so much audio; an input file may end earlier

  --watch SOURCE             compile SOURCE, hear it, and again whenever it is saved: Python with a
                             @stream_callback, .c, .cpp, or a library that somebody else builds.
                             What does not compile or fails --check is told, and the old sound
                             goes on. FUNCTION where there are several. --output is device unless
                             given; an input file begins again at its end
  --fade MS                  from one version to the next; default 20
  --set NAME=VALUE           a number of the callback's state, several times; a wrong name is
                             answered with those that there are. With --watch or --set keys turn
                             them: j k or 1 to 9 select, + - a tenth up or down, r as the library
                             has them, q ends. Where stdin is no terminal it has lines: NAME=VALUE,
                             reset, quit
  --view                     meters, load and times on the screen of the terminal, as with --watch
                             and --set
  --report FILE.svg          draw the audio before and after, and how long the calls took
  --stats                    print everything that was measured
  --quiet                    no progress bar, no summary
  --check                    try the callback on noise in a process of its own: does it stay inside
                             its buffers, write all of them, give the same in blocks of another
                             size and in place, crash, hang? With --format, --planar,
                             --channels, --sample-rate, --frames-per-buffer (that block alone),
                             --in-place, --global, --quiet (no table)
  --timeout S                seconds that one run of --check may take, default 10, or a compiler
                             with --watch, default 20
  --describe LIBRARY         what the callbacks of a library say about themselves; none of it runs
  --list-devices             the devices; > marks the default input, < the default output, * both
  --json                     with --list-devices: devices and host APIs as one JSON object, with
                             their default latencies; names are UTF-8
  --verbose                  show what ALSA, JACK and others print when they start and end, which is
                             mostly about what they merely tried
  --version                  the versions of this program, of PortAudio and of libsndfile
  -h, --help                 this text

--channels, --format and --planar must be what the callback was written for. What one says about
itself (see --describe) is their default, and it gets no larger blocks than it says; an option that
says something else is a failure. Of any other callback nothing in a C symbol tells: offline one
that writes beyond its buffers is a failure, live nobody can see that.
The callback's user data is a new state as the library describes it (PORTSPAN_DESCRIBE_STATE of
portspan/description.h, or stream_callback in Python), with what was set. Where the callback only
says that it needs a state, and of how many bytes, it is zeros, else NULL: what Numba has compiled
then uses a state of its own.

--watch compiles C and C++ with CC and CFLAGS, or CXX and CXXFLAGS, of the environment, and Python
with PORTSPAN_PYTHON, which needs Numba; what a source includes or imports is watched as well. Each
version is checked in another process, begins with a state of its own and keeps what was set. One
that completes or aborts is silent until the next save.

A callback in Python that starts its own interpreter (a cffi embedding module) has it started before
the first block: it is called once with 0 frames. Its calls still wait for Python.

How a run ends: with the input file, after --seconds, when the callback completes, or with Ctrl-C,
which keeps what there is as a whole, valid file, once the callback returns; a second Ctrl-C ends
the program at once and leaves nothing. SIGTERM does what Ctrl-C does, but ends the program so
after 2 seconds in which the callback has not returned. An offline run without an input file needs
--seconds; its callback may complete earlier. An output file gets its name when it is complete,
until then it is FILE.<process id>.part. A run that fails offline leaves nothing, a live one keeps
what it recorded, unless the callback crashes or calls exit().

Samples: an output file is as wide as the format, except that FLAC has neither float nor 32 bit:
both become 24 bit, floats beyond full scale are clipped. An input file with more bits than the
format is cut. Nothing is resampled. A mono file goes to all input channels; with another count
below IN the missing channels are silent.

A callback that aborts is a failure. Its reason is shown where the library has a function
`const char* SYMBOL_error(void)`.

Exit status: 0 done, 1 a failure at run time (Ctrl-C in an offline run, too), 2 wrong usage. A
callback that crashes ends the program with its signal, one that calls exit() is a failure, and no
output file is left; one that calls _exit() ends it unseen. --check: 0 for passed, 1 for a fault, of
which each of these is one.

Examples:
  run_callback ./libgain.so gain --input speech.wav --output louder.flac
  run_callback ./libgain.so gain --input speech.wav --report gain.svg --stats
  run_callback ./libgain.so gain --input device --output device --frames-per-buffer 64
  run_callback ./libsine.so sine --output device --seconds 3
  run_callback ./libgain.so gain --input device:USB --output take1.wav
  run_callback --watch gain.c --input speech.wav
  run_callback --watch tremolo.py --input device --set rate=3
)";
}

}  // namespace run_callback
