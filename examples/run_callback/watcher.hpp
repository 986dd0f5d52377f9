// SPDX-License-Identifier: MIT
// A source that is heard while it is edited.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <portspan/callback.hpp>
#include <string>
#include <vector>

#include "options.hpp"
#include "parameters.hpp"
#include "process.hpp"
#include "run.hpp"
#include "voice.hpp"

namespace run_callback {

/// What happened, for the user.
struct News {
    std::string text;                ///< one line
    std::vector<std::string> lines;  ///< more of it: the compiler's words
    bool is_bad = false;             ///< the sound is not what the source says
};

/// What a callback has to be for a stream that is open.
struct StreamShape {
    std::size_t input_channels = 0;
    std::size_t output_channels = 0;
    double sample_rate = 48000;
    Silence silence;
};

/// Compiles the source whenever it is saved, tries what comes of it in another process, and hands
/// it to the stream; what cannot be heard is told, and the sound goes on.
class Watcher {
public:
    /// Throws Failure.
    explicit Watcher(const Options& options);
    /// Ends the thread and the helpers.
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// The source as it is when the program starts. Throws Failure, as the next.
    [[nodiscard]] LoadedCallback first(const Stop& stop);
    /// The first one in this shape. `options`: completed by what the callback says.
    void check_first(const Options& options, const StreamShape& shape, const Stop& stop);

    /// From here on, on a thread of its own. `exchange` returns when the new callback alone is
    /// heard, and throws portspan::Error where it does not fit; `parameters` makes the voices.
    using Exchange = std::function<void(const portspan::RawCallback&)>;
    void start(std::shared_ptr<Parameters> parameters, Exchange exchange);
    /// False where the thread hangs in something; it is then left alone with all that it needs.
    [[nodiscard]] bool stop();

    /// What has happened since the last call. Any thread.
    [[nodiscard]] std::vector<News> take_news();

private:
    class Core;
    std::shared_ptr<Core> core_;
};

}  // namespace run_callback
