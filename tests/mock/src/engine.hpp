// SPDX-License-Identifier: MIT
// What stands behind the mock's functions: the streams, the script and the passing of time.
#pragma once

#include <portaudio.h>

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <portspan/mock.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "buffers.hpp"
#include "machine.hpp"

namespace portspan::mock {

/// A function of the script's, or null. Whoever calls it holds a share: it may set itself anew.
template <class F>
using Scripted = std::shared_ptr<const std::function<F>>;

/// What a test has asked for; a new one for each Scope.
struct Script {
    Machine machine;
    std::vector<float> fed;
    Scripted<float(std::size_t, std::size_t)> signal;
    bool capturing = true;
    bool recording_calls = true;
    Scripted<void(std::size_t, std::span<const float>)> listener;

    std::vector<unsigned long> block_sizes;
    bool always_those_sizes = false;
    std::size_t null_inputs = 0;                          ///< of streams still to be opened
    std::map<std::size_t, PaStreamCallbackFlags> status;  ///< by call, likewise
    Scripted<void(PaStreamCallbackTimeInfo&)> change_times;
    bool calls_while_closing = false;
    double load = 0;

    struct Fault {
        std::string function;
        PaError code;
        std::size_t after;
        std::size_t times;
    };
    std::vector<Fault> faults;
    Scripted<std::optional<PaError>(std::string_view)> intercept;
};

struct Stream {
    Opened opened;
    std::size_t number = 0;
    PaStreamInfo info{};
    PaHostApiTypeId host_api{};
    PaStreamFinishedCallback* finished = nullptr;

    bool open = true;  ///< its handle is valid
    bool stopped = true;
    bool active = false;
    std::optional<Loss> lost;

    std::size_t position = 0;  ///< frames since the first start, the stream's clock
    std::size_t fed = 0;       ///< samples of the script's that have passed
    double owed = 0;           ///< frames that the real-time clock has not passed on yet
    std::size_t pending = 0;   ///< frames pumped that do not fill a block yet
    std::size_t lost_frames = 0;
    std::size_t calls = 0;
    std::size_t pattern = 0;      ///< place in the list of block sizes
    std::size_t null_inputs = 0;  ///< calls without input, counted from the first
    std::map<std::size_t, PaStreamCallbackFlags> status;  ///< by call, counted from the first

    std::optional<CallbackBuffer> input, output;          // where it has a callback
    std::optional<FrameQueue> input_queue, output_queue;  // where it has none
    bool overflowed = false, underflowed = false, written = false;
    std::vector<float> device_block;               ///< of a blocking stream
    std::vector<float> read_floats, write_floats;  ///< likewise, memory that is kept between calls
    std::vector<float> captured;

    // Its callbacks are called without the engine's lock; whoever ends the stream waits for them.
    bool calling = false;
    std::thread::id caller;
    bool ending = false;   ///< inactive, and its finished callback is still to be called
    bool closing = false;  ///< by another thread
};

/// One for the process, as PortAudio is; everything in it is guarded by `mutex`, which is locked
/// once wherever a Lock is passed.
class Engine {
public:
    static Engine& instance();

    mutable std::recursive_mutex mutex;  // recursive: a script's functions may call the script
    using Lock = std::unique_lock<std::recursive_mutex>;

    /// Forgets everything; the script of a new test.
    void reset(Script next);

    // The library
    PaError initialize();
    PaError terminate(Lock& lock);
    [[nodiscard]] bool is_initialized() const { return initializations > 0; }
    [[nodiscard]] const Found& found() const { return *found_; }

    // Streams
    void open(PaStream** handle, Opened opened);
    /// Null where the pointer is no open stream's.
    [[nodiscard]] Stream* find(PaStream* handle) const;
    /// What a stream's clock shows, seconds.
    [[nodiscard]] static PaTime time_of(const Stream& stream);
    void start(Stream& stream);
    PaError end(Lock& lock, Stream& stream, bool drain);
    PaError close(Lock& lock, Stream& stream);
    void lose(Lock& lock, Stream& stream, Loss loss);
    PaError read(Lock& lock, Stream& stream, void* buffer, std::size_t frames);
    PaError write(Lock& lock, Stream& stream, const void* buffer, std::size_t frames);

    // Time
    void pump(std::size_t frames);
    void run(double speed);
    void halt();
    /// std::logic_error where a callback or a function of the script's runs on this thread.
    void refuse_inside_a_callback(const char* function) const;
    /// Virtual time passes instead of real time, where that is possible.
    void sleep(double seconds);
    /// A program asks what a blocking stream could read or write; where the stream waits for the
    /// program, that is when up to `frames` frames pass.
    void polled(Stream& stream, std::size_t frames);

    /// The code that the script orders this call to answer, if it does.
    std::optional<PaError> ordered(Lock& lock, const char* function);
    void log(const char* function, long result) {
        if (script.recording_calls) calls.push_back({function, result});
    }
    void set_host_error(PaHostApiTypeId type, long code, std::string text);

    Script script;
    int initializations = 0;
    std::vector<std::unique_ptr<Stream>> streams;  ///< closed ones stay until the next reset
    std::vector<Call> calls;
    PaHostErrorInfo host_error{};
    std::string jack_client_name = "PortAudio";  ///< of the next Pa_Initialize
    std::string open_jack_client_name;

private:
    Engine() { reset({}); }
    /// Each running stream processes `frames_of(stream)` frames.
    template <class F>
    void advance(Lock& lock, F&& frames_of);
    void pass_seconds(Lock& lock, double seconds);
    /// Where run() was called: its thread, unless there is one. Not earlier than the first stream
    /// runs, because a program may fork before, and threads do not survive that.
    void start_clock();
    /// What the thread of run() does.
    void keep_time(double speed);
    /// Nothing waits for a clock: blocking streams wait for the program instead.
    [[nodiscard]] bool is_unlimited() const { return ticking_ && std::isinf(speed_); }
    void process(Lock& lock, Stream& stream, std::size_t frames);
    [[nodiscard]] std::size_t next_block(const Stream& stream) const;
    bool call(Lock& lock, Stream& stream, std::size_t frames);
    void stop_clock();
    void become_inactive(Lock& lock, Stream& stream);
    /// Waits for a change after which `until()` is true.
    template <class F>
    void wait(Lock& lock, F&& until);
    void wait_for_callback(Lock& lock, Stream& stream);
    [[nodiscard]] bool is_inside_a_callback() const;
    /// Whether this thread is in a callback of the stream's; then that is the host's error.
    bool is_to_be_ended_by_itself(const Stream& stream);
    /// Calls something of the program's.
    template <class F>
    void call_out(Lock& lock, Stream& stream, F&& f);

    bool wait_for_device(Lock& lock, Stream& stream, std::size_t frames);
    void pass_time(Stream& stream, std::size_t frames);
    void read_device(Stream& stream, std::size_t channels, std::span<float> to);
    /// Input passes that nobody hears.
    void skip_input(Stream& stream, std::size_t frames);
    void play(Stream& stream, std::span<const float> samples);

    std::unique_ptr<Found> found_;
    std::string host_error_text_;
    /// A callback has returned, time has passed, a stream has ended, a thread waits no more.
    std::condition_variable_any changed_;
    int waiting_ = 0;  ///< threads that are inside the mock without its lock, but for callbacks
    std::mutex clock_control_;  ///< taken before `mutex`; whoever has it may touch `clock_`
    std::thread clock_;
    std::atomic<bool> ticking_{false};
    double speed_ = 1;
};

}  // namespace portspan::mock
