// SPDX-License-Identifier: MIT
// What the callbacks of these tests do, whoever compiled them.
#pragma once

/// How often one goes on, and how it ends.
struct Script {
    int calls_left = 0;
    int last = 0;      ///< paContinue, paComplete, paAbort or no result at all
    int throws = 0;    ///< a callable that may: instead of its last result
    double calls = 0;  ///< a number for ramps, too
};

inline int next_result(Script& script) noexcept {
    script.calls += 1;
    return script.calls_left-- > 0 ? 0 : script.last;
}
