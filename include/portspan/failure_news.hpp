// SPDX-License-Identifier: MIT
// What the library of a foreign callback says of its failures, and what of that is news.
#pragma once

#include <atomic>
#include <utility>

#include "callback.hpp"
#include "error.hpp"
#include "failure.hpp"
#include "nonblocking.hpp"

namespace portspan::detail {

/// The part of one run, a stream's say, in the failures that a library counts, from whatever run.
/// Any thread but the callback's; moving it is the owner's alone.
class FailureNews {
public:
    /// Null where nobody says anything.
    explicit FailureNews(FailureReport* ask) noexcept : ask_(ask) {}

    FailureNews(FailureNews&& other) noexcept
        : ask_(std::exchange(other.ask_, nullptr)), told_(other.told_) {}
    FailureNews& operator=(FailureNews&& other) noexcept {
        ask_ = std::exchange(other.ask_, nullptr);
        told_ = other.told_;
        return *this;
    }
    ~FailureNews() = default;

    /// The run starts: what was before is none of its own.
    void begin() noexcept { std::atomic_ref{told_} = last().count; }

    /// One since begin() that take() has not told.
    [[nodiscard]] bool has_news() noexcept {
        const unsigned long told = std::atomic_ref{told_};
        const Said said = last();
        return told != never_begun && said.text && said.count != told;
    }

    /// The last one, if it is news; once, whoever asks.
    [[nodiscard]] const char* take() noexcept {
        if (!has_news()) return nullptr;
        const Said said = last();
        const bool is_told = std::atomic_ref{told_}.exchange(said.count) == said.count;
        return is_told ? nullptr : said.text;
    }
    /// The same as what take_failure() has, or nothing.
    [[nodiscard]] Failure take_failure() {
        const char* text = take();
        if (!text) return {};
        return Error(Fault::callback_threw, "stream callback", text);
    }
    /// The same, thrown.
    void report() {
        if (const auto failure = take_failure()) failure.raise();
    }

private:
    static constexpr unsigned long never_begun = static_cast<unsigned long>(-1);
    struct Said {
        const char* text = nullptr;
        unsigned long count = 0;
    };

    [[nodiscard]] Said last() const noexcept PORTSPAN_NONBLOCKING(true) {
        Said said;
        if (ask_) PORTSPAN_NOT_SEEN(said.text = ask_(&said.count));
        return said;
    }

    FailureReport* ask_;
    unsigned long told_ = never_begun;
};

}  // namespace portspan::detail
