// SPDX-License-Identifier: MIT
// A PortAudio without hardware, scripted by a test. Link portspan::mock: it defines every function
// of portaudio.h, and they win over a PortAudio library that somebody else links.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portspan::mock {

/// One device of the machine; the defaults are those of an ordinary stereo interface.
struct Device {
    std::string name = "Mock device";
    int max_input_channels = 2;
    int max_output_channels = 2;
    double default_sample_rate = 48000;
    double low_input_latency = 0.01;  ///< seconds, as the others
    double low_output_latency = 0.01;
    double high_input_latency = 0.04;
    double high_output_latency = 0.04;
    /// The rates that it supports, Hz; empty: every rate that PortAudio lets through.
    std::vector<double> sample_rates = {};
};

/// One host API and its devices.
struct HostApi {
    PaHostApiTypeId type = paInDevelopment;
    std::string name = "Mock";
    std::vector<Device> devices = {Device{}};
    /// Places in `devices`; empty: no default.
    std::optional<int> default_input = 0;
    std::optional<int> default_output = 0;
    /// What Pa_Initialize answers where this host API is down.
    PaError initialization = paNoError;
};

/// What Pa_Initialize finds; seen again at the first Pa_Initialize after the last Pa_Terminate.
struct Machine {
    std::vector<HostApi> host_apis = {HostApi{}};

    /// A machine without any device, as CI servers are.
    [[nodiscard]] static Machine without_devices() {
        return {{{.devices = {}, .default_input = {}, .default_output = {}}}};
    }
};

/// One call of a PortAudio function.
struct Call {
    std::string function;
    long result;  ///< the code or the count that it answered; 0 where it answers something else
};

/// What happens to a stream whose device is pulled out, as real back ends do it.
enum class Loss {
    silence,   ///< no callback any more, the stream claims to be active
    finished,  ///< the stream becomes inactive and its finished callback is called
    error,     ///< the same, and every call on the stream fails with paUnanticipatedHostError
};

/// A stream that a program has opened.
struct Opened {
    std::optional<PaStreamParameters> input;
    std::optional<PaStreamParameters> output;
    double sample_rate;
    unsigned long frames_per_buffer;
    PaStreamFlags flags;
    PaStreamCallback* callback;
    void* user_data;
    PaStream* handle;
};

/// The script of one test. The mock is as new when it begins and when it ends; one at a time.
/// Script calls come from the test's thread; pump() and the real-time thread call the callbacks.
class Scope {
public:
    explicit Scope(Machine machine = {});
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    /// Other devices; PortAudio sees them at the next first Pa_Initialize.
    void machine(Machine machine);

    // Audio

    /// More input, interleaved in the channels of the stream that reads it; silence follows.
    void feed(std::span<const float> samples);
    /// The input as a function of frame and channel, the frame counted from a stream's first start.
    void feed(std::function<float(std::size_t frame, std::size_t channel)> signal);
    /// What a stream has played since its first start, interleaved floats. `stream` counts the
    /// opened streams of the test from 0.
    [[nodiscard]] std::vector<float> captured(std::size_t stream = 0) const;

    /// False: nothing is captured, so that a long run takes no memory.
    void capture(bool on);

    // Time

    /// Lets every running stream process `frames` frames in virtual time, on this thread, and waits
    /// for no clock. What does not fill a block of a fixed size is kept for the next call.
    void pump(std::size_t frames);
    /// The same on a thread of its own, as a host would; returns when it is done.
    void pump_on_thread(std::size_t frames);
    /// From now on a real-time thread pumps the running streams, `speed` times as fast as real
    /// time.
    void run(double speed = 1);
    /// Ends that thread; pump() works again.
    void halt();

    // How the host behaves

    /// The sizes of the blocks, over and over, where a stream leaves them to the host; `always`:
    /// also where it asked for a size.
    void blocks(std::vector<unsigned long> sizes, bool always = false);
    /// No input buffer in each stream's next `calls` calls.
    void null_input(std::size_t calls);
    /// Status flags for the call number `call` from now on (0: the next) of each stream.
    void status(PaStreamCallbackFlags flags, std::size_t call = 0);
    /// An xrun before the next block: `frames` of input are lost and the flags say so.
    void xrun(std::size_t frames);
    /// Changes what each callback is told about time.
    void times(std::function<void(PaStreamCallbackTimeInfo&)> change);
    /// Each stream's callback is called once more, with 8 frames, while Pa_CloseStream closes it.
    void call_while_closing(bool on = true);
    /// What Pa_GetStreamCpuLoad answers.
    void cpu_load(double load);

    // Faults

    /// `stream`'s device is pulled out.
    void lose_device(std::size_t stream = 0, Loss loss = Loss::silence);
    /// The `nth` call of `function` from now on (0: the next) answers `code` and does nothing;
    /// `times` of them in a row.
    void fail(std::string_view function, PaError code, std::size_t nth = 0, std::size_t times = 1);
    /// What Pa_GetLastHostErrorInfo tells from now on.
    void host_error(PaHostApiTypeId type, long code, std::string text);

    // What the program did

    [[nodiscard]] std::vector<Call> calls() const;
    /// How often a function was called.
    [[nodiscard]] std::size_t calls(std::string_view function) const;
    /// Pa_Initialize less Pa_Terminate.
    [[nodiscard]] int initialized() const;
    [[nodiscard]] std::size_t open_streams() const;
    /// How a stream was opened, closed ones included.
    [[nodiscard]] Opened opened(std::size_t stream = 0) const;
};

}  // namespace portspan::mock
