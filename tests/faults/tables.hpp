// SPDX-License-Identifier: MIT
// The parts of the table that stand in files of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operation.hpp"

namespace faults {

// The failures that nobody is told of, each for a reason.
inline const Exception quiet_terminate{"Pa_Terminate",
                                       "it has terminated, and a destructor does not throw"};
inline const Exception quiet_close{"Pa_CloseStream",
                                   "a destructor does not throw; the callable is kept"};
inline const Exception no_name{"Pa_GetHostApiInfo",
                               "a device without its host API's name is of use"};
inline const Exception no_input{"Pa_GetDefaultInputDevice", "there is no such device", paNoDevice};
inline const Exception no_output{"Pa_GetDefaultOutputDevice", "there is no such device",
                                 paNoDevice};

[[nodiscard]] bool has(const Log& log, std::string_view function, long result);
/// What text_of() has to say of an Error of portspan's own.
[[nodiscard]] std::string refusal(portspan::Fault fault, const std::string& call,
                                  const std::string& message, const std::string& detail = {});
/// What comes of a stream on default devices where only calls with an exception have failed.
[[nodiscard]] std::string opened(const Log& log);

/// A stream constructed in every way.
void add_constructions(std::vector<Operation>& table);
/// start() and the others, on streams in every state.
void add_control_calls(std::vector<Operation>& table);
/// Moves, assignments and destructors.
void add_ends(std::vector<Operation>& table);

/// Reads and writes, play() and record().
void add_blocking(std::vector<Operation>& table);

}  // namespace faults
