// SPDX-License-Identifier: MIT
// A slot whose callback has the slot in itself would have no end.
#pragma once

#include "error.hpp"
#include "exceptions.hpp"

namespace portspan::detail {

/// This thread binds the callback of a slot.
class SoleBinding {
public:
    /// Throws Error where it does so already.
    explicit SoleBinding(const void* slot) : slot_(slot), before_(innermost) {
        for (const SoleBinding* outer = before_; outer; outer = outer->before_) {
            if (outer->slot_ != slot) continue;
            raise(Error(Fault::invalid_argument, "Slot", "its callback has the slot in itself"));
        }
        innermost = this;
    }
    SoleBinding(const SoleBinding&) = delete;
    SoleBinding& operator=(const SoleBinding&) = delete;
    ~SoleBinding() { innermost = before_; }

private:
    static inline constinit thread_local const SoleBinding* innermost = nullptr;
    const void* slot_;
    const SoleBinding* before_;
};

}  // namespace portspan::detail
