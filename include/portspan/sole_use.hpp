// SPDX-License-Identifier: MIT
// What one audio thread at a time may have.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "error.hpp"

namespace portspan::detail {

/// What the copies of a handle share, for those that bind it to a callback.
struct SharedOf {
    template <class Handle>
    static const auto& get(const Handle& handle) noexcept {
        return handle.shared_;
    }
};

/// The part of a callback in something that is shared with other threads and not with other
/// callbacks; `Shared` has an `std::atomic<bool> is_used`.
template <class Shared>
class SoleUse {
public:
    /// Throws Error where another callback has it: `call` and `what` say of what.
    SoleUse(std::shared_ptr<Shared> shared, const char* call, const char* what)
        : shared_(std::move(shared)) {
        // What the last one left is seen here.
        if (shared_->is_used.exchange(true, std::memory_order_acq_rel)) {
            raise(Error(Fault::invalid_argument, call, what));
        }
    }
    SoleUse(SoleUse&&) noexcept = default;
    SoleUse& operator=(SoleUse&&) = delete;
    ~SoleUse() {
        if (shared_) shared_->is_used.store(false, std::memory_order_release);
    }

    Shared& operator*() const noexcept { return *shared_; }
    Shared* operator->() const noexcept { return shared_.get(); }

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace portspan::detail
