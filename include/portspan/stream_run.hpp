// SPDX-License-Identifier: MIT
// Which start of its stream a call belongs to.
#pragma once

#include <utility>

#include "bind.hpp"
#include "control.hpp"

namespace portspan::detail {

/// What a callback measures, or remembers, from call to call begins anew when its stream does.
/// Audio thread.
class StreamRun {
public:
    explicit StreamRun(const Context& context) noexcept : control_(context.control.get()) {}

    /// Whether the stream was started since it was asked before.
    [[nodiscard]] bool has_begun() noexcept {
        const unsigned run = control_->run();
        return run != std::exchange(number_, run);
    }
    /// As it was asked last.
    [[nodiscard]] unsigned number() const noexcept { return number_; }

private:
    const Control* control_;
    unsigned number_ = 0;
};

}  // namespace portspan::detail
