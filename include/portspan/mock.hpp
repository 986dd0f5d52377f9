// SPDX-License-Identifier: MIT
// A PortAudio without hardware, scripted by a test. Link portspan::mock: it puts every function of
// PortAudio into the program, where they win over a library that something else links.
//
// Devices are float. A callback, a blocking read or write has its own sample format and layout,
// converted as PortAudio does, but without dither and always clipped. A stream without a callback
// has a queue of 4096 frames in each direction: input that finds it full pushes out the oldest
// (paInputOverflowed), output that finds it empty is silence (paOutputUnderflowed).
#pragma once

// MSVC keeps __cplusplus at C++98 unless it is asked not to.
#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "portspan::mock is C++20: compile with -std=c++20, with MSVC /std:c++20"
#endif

#include <portaudio.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portspan::mock {

/// One device of the machine; the defaults are those of an ordinary stereo interface.
struct Device {
    std::string name = "Mock device";    ///< PaDeviceInfo::name
    int max_input_channels = 2;          ///< 0: it does not record
    int max_output_channels = 2;         ///< 0: it does not play
    double default_sample_rate = 48000;  ///< Hz
    double low_input_latency = 0.01;     ///< seconds, as the others
    double low_output_latency = 0.01;    ///< seconds
    double high_input_latency = 0.04;    ///< seconds
    double high_output_latency = 0.04;   ///< seconds
    /// The rates that it supports, Hz; empty: every rate that PortAudio lets through.
    std::vector<double> sample_rates = {};
};

/// One host API and its devices.
struct HostApi {
    int type = paInDevelopment;                ///< a PaHostApiTypeId, or one of a newer portaudio.h
    std::string name = "Mock";                 ///< PaHostApiInfo::name
    std::vector<Device> devices = {Device{}};  ///< none: a host API without devices
    /// Places in `devices`; empty: no default. The first host API with one is the default one.
    std::optional<int> default_input = 0;
    std::optional<int> default_output = 0;  ///< likewise
    /// What Pa_Initialize answers where this host API is down.
    PaError initialization = paNoError;
};

/// What Pa_Initialize finds; seen again at the first Pa_Initialize after the last Pa_Terminate.
struct Machine {
    std::vector<HostApi> host_apis = {HostApi{}};  ///< in the order of their indices

    /// A machine without any device, as CI servers are.
    [[nodiscard]] static Machine without_devices() {
        return {{{.devices = {}, .default_input = {}, .default_output = {}}}};
    }
};

/// One call of a PortAudio function.
struct Call {
    std::string_view function;  ///< valid for ever
    /// The code or the count that it answered, or the code that was ordered; 0 where it answered
    /// something else.
    long result;
};

/// What happens to a stream whose device is pulled out, as real back ends do it.
enum class Loss {
    /// No callback any more, and the stream claims to be active, after another start too. Blocking
    /// reads and writes wait until another thread ends the stream.
    silence,
    /// The stream becomes inactive and its finished callback is called, here or, where it is pulled
    /// out by the stream's own callback, after that. It does not start again: paDeviceUnavailable.
    finished,
    /// The same, and every call on the stream that answers a code fails with
    /// paUnanticipatedHostError; Pa_CloseStream closes it all the same.
    error,
};

/// A stream that a program has opened.
struct Opened {
    std::optional<PaStreamParameters> input;   ///< empty where it was opened without
    std::optional<PaStreamParameters> output;  ///< likewise
    double sample_rate;                        ///< Hz, as asked
    unsigned long frames_per_buffer;           ///< as asked
    PaStreamFlags flags;                       ///< as asked
    PaStreamCallback* callback;                ///< null: a stream for blocking reads and writes
    void* user_data;                           ///< the callback's
    PaStream* handle;                          ///< invalid once it is closed
};

/// The script of one test. The mock is as new when it begins and when it ends; std::logic_error
/// where one lives already. Without one the mock has the default Machine.
///
/// It is declared before what it tests: for a stream that outlives it PortAudio is terminated, and
/// its calls answer paNotInitialized.
///
/// Streams are counted from 0 in the order in which the test's program opens them;
/// std::out_of_range for one that it has not opened. Any thread may
/// call a Scope. Callbacks, and the functions that a script is given, may do so too, but for
/// pump(), run() and halt(), which throw std::logic_error there (not in intercept() and info(),
/// which belong to no stream); so does a new Scope, and the end of one ends the program with that
/// message. What a callback or a function of the script's throws
/// comes out of the call that has called it: pump(), Pa_StopStream, Pa_CloseStream, ... What a
/// stream has to do then is done all the same; samples that such a call was about to read are lost.
///
/// A callback that ends its own stream, or a finished callback or a function of the script's that
/// does, gets paUnanticipatedHostError, where real hosts hang.
///
/// What was fed, captured and noted is kept until its end; see capture() and record_calls() for
/// long runs.
class Scope {
public:
    /// Begins a test on that machine; what the mock knew before is forgotten.
    explicit Scope(Machine machine = {});
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    /// Other devices; PortAudio sees them at the next first Pa_Initialize.
    void machine(Machine machine);

    // Audio

    /// More input behind what was fed before, interleaved in the channels of the stream that reads
    /// it; silence while there is none. Each stream reads all of it.
    void feed(std::span<const float> samples);
    /// The input as a function of frame and channel, the frame counted from a stream's first start;
    /// in the place of samples until it is empty again.
    void feed(std::function<float(std::size_t frame, std::size_t channel)> signal);
    /// What a stream has played since its first start, interleaved floats.
    [[nodiscard]] std::vector<float> captured(std::size_t stream = 0) const;
    /// False: nothing is captured, so that a long run takes no memory.
    void capture(bool on);
    /// Called with each block that a stream plays, interleaved floats, by the thread that lets time
    /// pass for it: who pumps, sleeps, reads, writes, stops. Without samples when a stream with an
    /// output is closed.
    void listen(std::function<void(std::size_t stream, std::span<const float> samples)> listener);

    // Time

    /// Lets every running stream process `frames` frames in virtual time, on this thread, and waits
    /// for no clock. Streams go in step, at most 256 frames at a time. What does not fill a block
    /// of a fixed size is kept for the next call, until the stream stops. What a callback throws
    /// comes out of here, the stream lives on. A stream's clock (Pa_GetStreamTime and what
    /// callbacks are told) counts from 1 s.
    ///
    /// Pa_Sleep passes virtual time as well, for each stream at its own rate, and so does a
    /// blocking read or write that has to wait. Where nothing runs Pa_Sleep takes real time. Who
    /// waits otherwise, in portspan's Stream::wait() or play(beep).wait(), lets no time pass:
    /// `audio.run(100);` before that has a thread do so.
    void pump(std::size_t frames);
    /// The same on a thread of its own, as a host would; returns when it is done.
    void pump_on_thread(std::size_t frames);
    /// From now on a real-time thread pumps the running streams, `speed` times as fast as real
    /// time. Until halt(), pump() throws std::logic_error. Infinity: callbacks are called as fast
    /// as they return; a blocking stream waits for the program's reads and writes, so that it loses
    /// nothing; Pa_Sleep ends when so much time has passed for the streams that run. The thread
    /// begins with the first stream that runs: a program may fork before. An
    /// exception of a callback's ends the program, as it would under a real host.
    void run(double speed = 1);
    /// Ends that thread, if there is one; pump() works again.
    void halt();

    // How the host behaves

    /// The sizes of the blocks, over and over from the first, where a stream leaves them to the
    /// host; `always`: also where it asked for a size. Without them the host takes at most 256
    /// frames.
    void blocks(std::vector<unsigned long> sizes, bool always = false);
    /// No input buffer in the next `calls` calls of each stream, of those still to be opened too.
    void null_input(std::size_t calls);
    /// Status flags for the call number `call` from now on (0: the next) of each stream, of those
    /// still to be opened too.
    void status(PaStreamCallbackFlags flags, std::size_t call = 0);
    /// An xrun in each open stream: `frames` frames, 1 to 2^30, of input are lost before its next
    /// block, and that block's flags say so. A blocking stream's next read and write tell it.
    void xrun(std::size_t frames);
    /// Changes what each callback is told about time: jitter, a missing ADC time. Without it that
    /// is the stream's clock, less the suggested input latency and plus the output's; 0 for a
    /// direction that the stream does not have.
    void times(std::function<void(PaStreamCallbackTimeInfo&)> change);
    /// Changes what Pa_GetStreamInfo tells of streams that are opened from now on, where a host has
    /// taken other latencies or another rate than it was asked for. Only that: the mock's clock
    /// goes on at the rate that was asked for.
    void info(std::function<void(PaStreamInfo&)> change);
    /// Streams stay active for so many frames after paComplete, without calls, as those of hosts
    /// with long buffers do. Without it paComplete ends them at once.
    void drain(std::size_t frames);
    /// Pa_CloseStream races a last call of the callback, 8 frames on a thread of its own; some
    /// host APIs do that even to a stream that was stopped. Not after a device is lost.
    void call_while_closing(bool on = true);
    /// What Pa_GetStreamCpuLoad answers; std::invalid_argument below 0.
    void cpu_load(double load);

    // Faults

    /// A stream's device is pulled out. The machine keeps it, for streams that are opened later:
    /// where that has to fail too, order it by fail("Pa_OpenStream", paDeviceUnavailable).
    void lose_device(std::size_t stream = 0, Loss loss = Loss::silence);
    /// The `nth` call of `function` from now on (0: the next) answers `code` and does nothing;
    /// `times` of them in a row. Only the program's own calls count: Pa_OpenDefaultStream does not
    /// call Pa_OpenStream. Where several are ordered for one call, the first one is answered.
    /// Functions that return a pointer answer null, those that return a double 0. Two do something
    /// all the same: a failed Pa_Terminate has terminated, and after a failed Pa_CloseStream the
    /// handle is invalid, but a running callback is called on. std::invalid_argument for a Pa_
    /// function that does not exist or that cannot fail, as for Pa_GetErrorText and Pa_Sleep.
    void fail(std::string_view function, PaError code, std::size_t nth = 0, std::size_t times = 1);
    /// Asked at every call that fail() says nothing about, by the calling thread and before the
    /// call does anything. A code that it returns is answered.
    void intercept(std::function<std::optional<PaError>(std::string_view function)> decide);
    /// The functions of the faults that were ordered by fail() and not answered, all of them or
    /// some: what a test has planned and its program has not reached.
    [[nodiscard]] std::vector<std::string> unused_faults() const;
    /// What Pa_GetLastHostErrorInfo tells from now on.
    void host_error(int type, long code, std::string text);

    // What the program did

    /// Every call of a PortAudio function in the order of their ends; Pa_GetErrorText, Pa_Sleep and
    /// the questions for the version are not in it.
    [[nodiscard]] std::vector<Call> calls() const;
    /// How often a function was called; std::invalid_argument for one that is never in calls().
    [[nodiscard]] std::size_t calls(std::string_view function) const;
    /// False: calls are not noted any more, so that a program that asks for hours whether its
    /// stream is active takes no memory.
    void record_calls(bool on);
    /// Pa_Initialize less Pa_Terminate.
    [[nodiscard]] int initialized() const;
    /// How many streams it has opened, closed ones included.
    [[nodiscard]] std::size_t streams() const;
    /// How many of them are not closed.
    [[nodiscard]] std::size_t open_streams() const;
    /// How a stream was opened, closed ones included.
    [[nodiscard]] Opened opened(std::size_t stream = 0) const;
    /// What its callback has returned last, any number; empty before the first call has returned.
    [[nodiscard]] std::optional<int> last_result(std::size_t stream = 0) const;
};

}  // namespace portspan::mock
