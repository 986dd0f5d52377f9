// SPDX-License-Identifier: MIT
// What stands behind the mock's functions: the machine, the streams and the script.
#pragma once

#include <portaudio.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <portspan/mock.hpp>

namespace portspan::mock {

/// The head of every host-specific settings struct of PortAudio.
struct HostInfoHead {
    unsigned long size;
    PaHostApiTypeId type;
    unsigned long version;
};

struct Stream {
    Opened opened;
    std::size_t input_channels = 0;
    std::size_t output_channels = 0;
    PaStreamInfo info{};
    PaStreamFinishedCallback* finished = nullptr;

    bool open = true;
    bool stopped = true;
    bool active = false;
    std::optional<Loss> lost;

    std::size_t position = 0;  ///< frames since the first start, the stream's clock
    std::size_t pending = 0;   ///< frames pumped that do not fill a block yet
    std::size_t calls = 0;
    std::size_t pattern = 0;  ///< place in the list of block sizes

    std::vector<std::byte> input_memory, output_memory;
    std::vector<void*> input_planes, output_planes;
    std::vector<float> device_input;  ///< one block, as the device gives it
    std::vector<float> captured;

    // Blocking streams: what waits between the device and the program, in frames.
    std::deque<float> input_waiting, output_waiting;
    bool overflowed = false, underflowed = false, written = false;

    // While a callback runs, the engine's lock is not held; whoever ends the stream waits for it.
    std::thread::id caller;
    bool calling = false;
};

/// One for the process, as PortAudio is; everything in it is guarded by `mutex`.
class Engine {
public:
    static Engine& instance();

    mutable std::recursive_mutex mutex;
    using Lock = std::unique_lock<std::recursive_mutex>;

    void reset(Machine next);

    // The library
    PaError initialize();
    PaError terminate();
    [[nodiscard]] bool is_initialized() const { return initializations > 0; }

    /// A device by its global index, and the place of its host API.
    struct Place {
        const Device* device;
        int host_api;
    };
    [[nodiscard]] std::optional<Place> find(PaDeviceIndex index) const;
    [[nodiscard]] int device_count() const { return static_cast<int>(device_infos.size()); }

    PaError validate(const PaStreamParameters* input, const PaStreamParameters* output,
                     double sample_rate, unsigned long frames_per_buffer, PaStreamFlags flags,
                     const void* callback) const;
    PaError device_refuses(const PaStreamParameters* input, const PaStreamParameters* output,
                           double sample_rate) const;

    // Streams
    PaError open(PaStream** stream, Opened opened);
    /// Null where the pointer is no open stream's.
    [[nodiscard]] Stream* find(PaStream* stream) const;
    PaError start(Stream& stream);
    PaError end(Lock& lock, Stream& stream);
    PaError close(Lock& lock, Stream& stream);
    void lose(Lock& lock, Stream& stream, Loss loss);
    PaError read(Stream& stream, void* buffer, unsigned long frames);
    PaError write(Stream& stream, const void* buffer, unsigned long frames);
    [[nodiscard]] long read_available(const Stream& stream) const;
    [[nodiscard]] long write_available(const Stream& stream) const;

    // Time
    void pump(std::size_t frames);
    void run(double speed);
    void halt();

    // The script's hold on a call: the code that it has to answer, if one was ordered.
    std::optional<PaError> ordered(const char* function);
    void log(const char* function, long result) { calls.push_back({function, result}); }

    Machine machine;
    std::vector<PaHostApiInfo> host_infos;
    std::vector<PaDeviceInfo> device_infos;
    int default_host_api = 0;
    int initializations = 0;
    std::vector<std::unique_ptr<Stream>> streams;  ///< closed ones stay until the next reset

    std::vector<float> fed;
    std::function<float(std::size_t, std::size_t)> signal;
    bool capturing = true;
    std::vector<unsigned long> block_sizes;
    bool always_those_sizes = false;
    std::size_t null_inputs = 0;
    std::map<std::size_t, PaStreamCallbackFlags> ordered_flags;
    std::size_t lost_frames = 0;
    std::function<void(PaStreamCallbackTimeInfo&)> change_times;
    bool calls_while_closing = false;
    double load = 0;

    struct Fault {
        std::string function;
        PaError code;
        std::size_t after;
        std::size_t times;
    };
    std::vector<Fault> faults;
    std::string host_error_text;
    PaHostErrorInfo host_error{};
    std::vector<Call> calls;

private:
    void process(Lock& lock, Stream& stream, std::size_t frames);
    [[nodiscard]] std::size_t next_block(Stream& stream, std::size_t frames) const;
    bool call(Lock& lock, Stream& stream, std::size_t frames);
    void become_inactive(Lock& lock, Stream& stream);
    void pass_time(Stream& stream, std::size_t frames);
    void wait_for_callback(Lock& lock, Stream& stream);
    /// The machine's input from `frame` on, interleaved.
    void read_input(std::size_t frame, std::size_t channels, std::span<float> to) const;

    Machine next_machine_;
    std::condition_variable_any callback_returned_;
    int waiting_ = 0;
    std::thread clock_;
    std::atomic<bool> ticking_{false};
    friend class Scope;
};

}  // namespace portspan::mock
