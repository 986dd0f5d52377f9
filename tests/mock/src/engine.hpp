// SPDX-License-Identifier: MIT
// What stands behind the mock's functions: the library and the life of its streams. What streams do
// while they run is in callback_stream and blocking_stream, when they do it in clock.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "clock.hpp"
#include "gate.hpp"
#include "machine.hpp"
#include "script.hpp"
#include "stream.hpp"

namespace portspan::mock {

/// What a host without an opinion uses, frames.
inline constexpr std::size_t host_block = 256;

/// One for the process, as PortAudio is; but for the gate and the clock everything in it is used
/// with the gate's lock.
class Engine {
public:
    static Engine& instance();

    Gate gate;
    Clock clock{*this};

    /// Forgets everything; the script of a new test.
    void reset(Script next);

    // The library
    PaError initialize(Lock& lock);
    /// What a finished callback throws comes out when all streams are closed.
    PaError terminate(Lock& lock);
    [[nodiscard]] bool is_initialized() const { return initializations > 0; }
    [[nodiscard]] const Found& found() const { return *found_; }

    // Streams
    PaError open(Lock& lock, PaStream** handle, Opened opened);
    /// Null where the pointer is no open stream's.
    [[nodiscard]] Stream* find(PaStream* handle) const;
    void start(Stream& stream);
    PaError end(Lock& lock, Stream& stream, bool drain);
    PaError close(Lock& lock, Stream& stream);
    void lose(Lock& lock, Stream& stream, Loss loss);
    /// Ends a stream that has_to_end() since its own callback or listener was called.
    void end_if_lost(Lock& lock, Stream& stream);
    void become_inactive(Lock& lock, Stream& stream);
    /// This thread is in a callback, or in a function of the script's that belongs to a stream.
    [[nodiscard]] bool is_inside_a_callback() const;

    /// The code that the script orders this call to answer, if it does.
    std::optional<PaError> ordered(Lock& lock, const char* function);
    void log(const char* function, long result) {
        if (script.recording_calls) calls.push_back({function, result});
    }
    void set_host_error(int type, long code, std::string text);

    Script script;
    int initializations = 0;
    std::vector<std::unique_ptr<Stream>> streams;
    std::vector<Call> calls;
    const PaHostErrorInfo* host_error = nullptr;  ///< the last one
    std::string jack_client_name = "PortAudio";   ///< of the next Pa_Initialize
    std::string open_jack_client_name;

private:
    Engine() { reset({}); }
    /// Whether this thread is called by the stream; then that is the host's error.
    bool is_to_be_ended_by_itself(const Stream& stream);

    std::unique_ptr<Found> found_;
    /// All that there have been, by type, code and text: while one is read the next one comes.
    std::map<std::tuple<int, long, std::string>, PaHostErrorInfo> host_errors_;
    bool resetting_ = true;    ///< waits for the program's threads
    std::size_t session_ = 0;  ///< counts the first of several initialisations
    std::size_t handles_ = 0;  ///< of streams that are forgotten
};

/// What a stream's clock shows, seconds.
[[nodiscard]] PaTime time_of(const Stream& stream);

}  // namespace portspan::mock
