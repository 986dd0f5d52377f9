// SPDX-License-Identifier: MIT
// What an operation of portspan's works on: streams on a mock whose calls fail as planned, and the
// questions for what is left of them.
#pragma once

#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "life.hpp"

namespace faults {

using Log = std::vector<portspan::mock::Call>;

/// What call number `n` of an operation, one of `function`, answers instead of doing its work.
using Plan = std::function<std::optional<PaError>(std::size_t n, std::string_view function)>;

/// Under which circumstances an operation is tried.
struct Setting {
    bool threaded = false;  ///< a real-time thread pumps meanwhile
    bool call_while_closing = false;
    /// The device of the first stream is pulled out,
    std::optional<portspan::mock::Loss> loss = {};
    std::size_t lose_at = 0;      ///< before this call, or the next one that has a stream,
    bool lose_on_thread = false;  ///< by another thread, so at about that call
};

/// What is wrong, a line for each; empty where all is well.
using Wrong = std::string;

class World {
public:
    explicit World(const Setting& setting);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // What an operation works on. The lives stand before the mock: its thread calls until it ends.
    std::vector<std::unique_ptr<Life>> lives;
    std::unique_ptr<Life> life_beside = std::make_unique<Life>();
    portspan::mock::Scope audio;
    std::optional<portspan::Session> session, other_session;
    std::optional<portspan::Stream<float>> stream, other;
    std::optional<portspan::BlockingStream<float>> blocking;
    /// Runs while an operation works that has no stream to begin with; then its device is lost.
    std::optional<portspan::Stream<float>> beside;

    void run_beside();
    Life& new_life();
    [[nodiscard]] Life& life(std::size_t i = 0) { return *lives[i]; }

    /// A stream of any type, which lives as long as the World.
    template <class S, class... Args>
    void construct(Args&&... args) {
        const auto made = std::make_shared<S>(std::forward<Args>(args)...);
        use_ = [this, made] { return use(*made); };
    }

    /// What a callback wants to tell.
    std::string note;
    /// At each call of an operation, before it does anything.
    std::function<void(std::string_view function)> at_each_call = [](std::string_view) {};
    /// The operation waits for the end of its stream: somebody ends it once its device is silent.
    bool waits_for_end = false;
    /// Without a thread that pumps: some audio.
    void pump_by_hand();
    /// The callables are called at least once more; false where they are not.
    [[nodiscard]] bool advance();

    /// From now on calls fail as planned.
    void arm(Plan plan);
    /// No more; the calls since arm() with their answers.
    [[nodiscard]] Log disarm();
    /// The names of the calls since arm(), in the order of their beginnings.
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
    /// The device of the operation's own stream is gone.
    [[nodiscard]] bool lost() const { return lost_ && !beside; }

    /// A good operation on what is left: brought to rest, started, called, stopped.
    [[nodiscard]] Wrong use_what_is_left();
    /// The callable was asked to complete: no call is to be expected for ever.
    bool ends_by_itself = false;
    /// How often what a callable threw came out of portspan.
    int told_exceptions = 0;
    /// Destroys all streams and sessions; nothing may be left of them but a callable whose stream
    /// could not be closed. `has_failures`: calls that nobody ordered to fail may have failed.
    [[nodiscard]] Wrong end(bool has_failures);
    /// What a constructor that has failed leaves open.
    [[nodiscard]] Wrong left_open() const;

private:
    template <class S>
    Wrong use(S& any_stream);
    std::optional<PaError> decide(std::string_view function);
    void lose();
    [[nodiscard]] int calls() const;
    [[nodiscard]] Wrong use_another();

    Setting setting_;
    std::function<Wrong()> use_;
    Plan plan_;
    std::atomic<bool> armed_{false};
    bool is_running_ = false;  ///< the first stream, when the operation began
    std::size_t open_before_ = 0;
    int initialized_before_ = 0;
    std::vector<std::string> asked_;
    std::size_t logged_ = 0;
    std::size_t ordered_ = 0;
    std::atomic<bool> losing_{false};  ///< the device is gone, or about to be
    bool lost_ = false;
    std::promise<bool> pull_;
    std::thread puller_;
};

template <class S>
Wrong World::use(S& any_stream) {
    for (const auto& each : lives) each->does.store(Does::keep_going, std::memory_order_relaxed);
    try {
        try {
            any_stream.stop();
        } catch (const portspan::Error&) {
            throw;
        } catch (const std::runtime_error&) {
            ++told_exceptions;
        }
        any_stream.start();
        if constexpr (requires { any_stream.read_available(); }) {
            std::array<float, 2> frame{};
            any_stream.read(frame);
            any_stream.write(frame);
        } else if (!advance()) {
            return "a stream that is started afterwards is not called\n";
        }
        if (!any_stream.active()) return "a stream that is started afterwards is not active\n";
        any_stream.stop();
        if (!any_stream.stopped()) return "a stream that is stopped afterwards is not stopped\n";
    } catch (const std::exception& error) {
        return std::string{"a good operation afterwards throws "} + error.what() + '\n';
    }
    return "";
}

}  // namespace faults
