// SPDX-License-Identifier: MIT
// What a test has asked for.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portspan::mock {

/// A function of the script's, or null. Whoever calls it holds a share: it may set itself anew.
template <class F>
using Scripted = std::shared_ptr<const std::function<F>>;

/// A new one for each Scope.
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
    Scripted<void(PaStreamInfo&)> change_info;
    std::size_t drain = 0;  ///< frames between paComplete and the finished callback
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

}  // namespace portspan::mock
