// SPDX-License-Identifier: MIT
// What the mock knows of a stream.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <map>
#include <optional>
#include <portspan/mock.hpp>
#include <thread>
#include <vector>

#include "buffers.hpp"

namespace portspan::mock {

/// Read and written by who holds the gate's lock. A closed one stays until the next Scope: who
/// waits for it may look at it.
struct Stream {
    Opened opened;
    std::size_t number = 0;  ///< in the order of opening
    PaStreamInfo info{};     ///< what the program is told
    int host_api = paInDevelopment;
    PaStreamFinishedCallback* finished = nullptr;

    bool open = true;  ///< its handle is valid
    bool stopped = true;
    bool active = false;
    std::optional<Loss> lost;

    std::size_t position = 0;  ///< frames since the first start, the stream's clock
    std::size_t fed = 0;       ///< samples of the script's that have passed
    double owed = 0;           ///< frames that time has passed and that are none of its blocks yet
    std::size_t lost_frames = 0;
    std::vector<float> captured;

    // With a callback
    std::optional<CallbackBuffer> input, output;
    std::size_t pending = 0;  ///< frames pumped that do not fill a block yet
    std::size_t pattern = 0;  ///< place in the list of block sizes
    std::size_t calls = 0;
    std::size_t null_inputs = 0;  ///< calls without input, counted from the first
    std::map<std::size_t, PaStreamCallbackFlags> status;  ///< by call, counted from the first
    std::optional<int> result;                            ///< of the last call
    std::optional<std::size_t> draining;  ///< after paComplete: frames until it is inactive

    // Without one
    std::optional<FrameQueue> input_queue, output_queue;
    bool overflowed = false, underflowed = false, written = false;
    std::vector<float> device_block;
    std::vector<float> read_floats, write_floats;  ///< memory that is kept between calls

    // Somebody's function is called on behalf of the stream, without the lock: whoever ends the
    // stream waits for it.
    bool calling = false;
    std::thread::id caller;
    bool ending = false;      ///< inactive, and its finished callback is still to be called
    bool closing = false;     ///< by a thread that waits
    bool terminated = false;  ///< by its own callback: it ends when that returns

    [[nodiscard]] bool is_running() const { return active && !lost; }
    [[nodiscard]] bool is_called_by_this_thread() const {
        return calling && caller == std::this_thread::get_id();
    }
    /// Its device is gone in a way that ends it, or PortAudio.
    [[nodiscard]] bool has_to_end() const { return terminated || (lost && *lost != Loss::silence); }
};

inline std::size_t channels_of(const std::optional<PaStreamParameters>& direction) {
    return direction ? static_cast<std::size_t>(direction->channelCount) : 0;
}

}  // namespace portspan::mock
