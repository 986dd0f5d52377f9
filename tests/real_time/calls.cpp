// SPDX-License-Identifier: MIT
#include "calls.hpp"

#include <array>
#include <atomic>
#include <string>

namespace real_time {

namespace {

constinit thread_local bool is_watched = false;

struct Noted {
    std::atomic<const char*> name{nullptr};
    std::atomic<unsigned> calls{0};
};
constinit std::array<Noted, 256> all_noted;

}  // namespace

Watched::Watched() noexcept { is_watched = true; }
Watched::~Watched() { is_watched = false; }

Unwatched::Unwatched() noexcept : before_(is_watched) { is_watched = false; }
Unwatched::~Unwatched() { is_watched = before_; }

void notice(const char* name) noexcept {
    if (!is_watched) return;
    for (Noted& noted : all_noted) {
        const char* there = nullptr;
        if (noted.name.compare_exchange_strong(there, name) || there == name) {
            ++noted.calls;
            return;
        }
    }
}

std::string take_noted() {
    std::string text;
    for (Noted& noted : all_noted) {
        const char* const name = noted.name.exchange(nullptr);
        if (!name) break;
        text.append(text.empty() ? "" : ", ").append(name).append(1, ' ');
        text += std::to_string(noted.calls.exchange(0));
    }
    return text;
}

}  // namespace real_time
