// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <stdexcept>

namespace faults {

using portspan::mock::Call;
using portspan::mock::Loss;

namespace {

portspan::mock::Machine machine() {
    using portspan::mock::HostApi;
    return {{HostApi{.type = paALSA,
                     .name = "First",
                     .devices = {{.name = "Microphone", .max_output_channels = 0},
                                 {.name = "Loudspeaker", .max_input_channels = 0}},
                     .default_output = 1},
             HostApi{.type = paJACK, .name = "Second", .devices = {{.name = "Duplex"}}}}};
}

/// The callables whose streams could not be closed. Constructed before any static of a header's, so
/// destroyed after it.
struct Kept {
    std::mutex mutex;
    std::vector<std::unique_ptr<Life>> lives;

    ~Kept() {
        for (const auto& life : lives) {
            if (Life::count(life->destroyed) == 0 && Life::count(life->calls_after_end) == 0) {
                continue;
            }
            std::fputs("a callable that was to be kept for ever has been destroyed\n", stderr);
            std::_Exit(EXIT_FAILURE);
        }
    }
} kept;

std::size_t successes(const Log& log, std::string_view function) {
    return static_cast<std::size_t>(std::ranges::count_if(
        log, [&](const Call& call) { return call.function == function && call.result >= 0; }));
}

}  // namespace

World::World(const Setting& setting) : audio(machine()), setting_(setting) {
    audio.capture(false);
    audio.cpu_load(0.5);
    audio.call_while_closing(setting.call_while_closing);
    audio.intercept([this](std::string_view function) { return decide(function); });
}

World::~World() { static_cast<void>(disarm()); }

Life& World::new_life() { return *lives.emplace_back(std::make_unique<Life>()); }

int World::calls() const {
    int all = Life::count(calls_without_state);
    for (const auto& each : lives) all += Life::count(each->calls);
    return all;
}

void World::pump_by_hand() {
    if (!setting_.threaded) audio.pump(64);
}

bool World::advance() {
    const int before = calls();
    if (!setting_.threaded) {
        audio.pump(64);
        return calls() > before;
    }
    const auto start = std::chrono::steady_clock::now();
    while (calls() == before) {
        if (std::chrono::steady_clock::now() - start > std::chrono::seconds{20}) return false;
        std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
    return true;
}

void World::arm(Plan plan) {
    open_before_ = audio.open_streams();
    initialized_before_ = audio.initialized();
    is_running_ = stream && stream->handle() && stream->active();
    if (setting_.threaded) audio.run(std::numeric_limits<double>::infinity());
    logged_ = audio.calls().size();
    plan_ = std::move(plan);
    if (setting_.loss && setting_.lose_on_thread) {
        puller_ = std::thread{[this, pulled = pull_.get_future()]() mutable {
            if (pulled.get()) lose();
        }};
    }
    armed_ = true;
}

Log World::disarm() {
    if (puller_.joinable()) {
        if (!losing_.exchange(true)) pull_.set_value(false);
        puller_.join();
    }
    armed_ = false;
    Log log = audio.calls();
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(logged_));
    return log;
}

void World::lose() {
    audio.lose_device(0, *setting_.loss);
    lost_ = true;
    if (setting_.loss != Loss::silence || !waits_for_end || !is_running_) return;
    if (setting_.lose_on_thread) {
        static_cast<void>(stream->stop(std::nothrow));
    } else {
        Pa_StopStream(stream->handle());  // inside a call of PortAudio's, where portspan never is
    }
}

std::optional<PaError> World::decide(std::string_view function) {
    if (!armed_) return {};
    const std::size_t n = asked_.size();
    asked_.emplace_back(function);
    at_each_call(function);
    if (setting_.loss && !losing_ && n >= setting_.lose_at && audio.open_streams() > 0) {
        losing_ = true;
        if (setting_.lose_on_thread) {
            pull_.set_value(true);
        } else {
            armed_ = false;  // what the one who pulls it out calls is none of the operation's
            lose();
            armed_ = true;
        }
    }
    const auto code = plan_(n, function);
    if (code) ++ordered_;
    return code;
}

Wrong World::use_what_is_left() {
    Wrong wrong;
    if (use_) wrong += use_();
    for (auto* const left : {&stream, &other}) {
        if (!*left) continue;
        if ((*left)->handle()) {
            wrong += use(**left);
            continue;
        }
        try {
            (*left)->close();  // closed already, and may have something to tell
        } catch (const std::exception&) {
            ++told_exceptions;
        }
    }
    if (blocking && blocking->handle()) wrong += use(*blocking);
    return wrong;
}

Wrong World::use_another() {
    Life& life = new_life();
    Wrong wrong;
    try {
        portspan::Stream<float> another{Quiet{Owned{life}}};
        wrong = use(another);
        if (portspan::devices().size() != 3) wrong += "the devices are not listed afterwards\n";
    } catch (const std::exception& error) {
        wrong = std::string{"a new stream afterwards throws "} + error.what() + '\n';
    }
    return wrong;
}

void World::run_beside() {
    beside.emplace(Loud{Owned{*life_beside}});
    beside->start();
}

Wrong World::left_open() const {
    Wrong wrong;
    if (audio.open_streams() != open_before_) wrong += "a stream is left open\n";
    if (audio.initialized() != initialized_before_) wrong += "PortAudio is left initialised\n";
    for (const auto& each : lives) {
        if (Life::count(each->destroyed) == Life::count(each->given)) continue;
        wrong += "the callable is not destroyed where its stream is not constructed\n";
    }
    return wrong;
}

Wrong World::end(bool has_failures) {
    Wrong wrong;
    use_ = nullptr;
    stream.reset();
    other.reset();
    blocking.reset();
    session.reset();
    other_session.reset();
    const auto failed_closings = [this] {
        return audio.calls("Pa_CloseStream") - successes(audio.calls(), "Pa_CloseStream");
    };
    // Only the first stream is ever closed while calls fail.
    const bool keeps = failed_closings() > 0;
    const bool had_stream_beside = beside.has_value();
    beside.reset();
    const bool keeps_beside = had_stream_beside && failed_closings() > 0;
    const auto expect = [&](std::size_t got, std::size_t wanted, const char* what) {
        if (got == wanted) return;
        wrong += std::to_string(got) + ' ' + what + " instead of " + std::to_string(wanted) + '\n';
    };
    const auto balanced = [&] {
        const Log log = audio.calls();
        expect(static_cast<std::size_t>(audio.initialized()), 0, "initialisations are left");
        expect(audio.open_streams(), 0, "open streams are left");
        expect(audio.calls("Pa_Terminate"), successes(log, "Pa_Initialize"), "terminations");
        expect(audio.calls("Pa_CloseStream"), successes(log, "Pa_OpenStream"), "closings");
    };
    balanced();
    const Log log = audio.calls();
    if (!has_failures) {
        const auto failed =
            std::ranges::count_if(log, [](const Call& call) { return call.result < 0; });
        expect(static_cast<std::size_t>(failed), ordered_, "calls failed");
    }

    if (keeps && is_running_ && !ends_by_itself && !lost_ && !advance()) {
        wrong += "the host does not call on after it could not close the stream\n";
    }
    for (std::size_t i = 0; i < lives.size(); ++i) {
        const int given = keeps && i == 0 ? 0 : Life::count(life(i).given);
        expect(static_cast<std::size_t>(Life::count(life(i).destroyed)),
               static_cast<std::size_t>(given), "destructions of the callable");
        expect(static_cast<std::size_t>(Life::count(life(i).calls_after_end)), 0,
               "calls after the callable's end");
    }
    if (had_stream_beside) {
        expect(static_cast<std::size_t>(Life::count(life_beside->destroyed)), !keeps_beside,
               "destructions of the callable of the stream beside");
    }
    wrong += use_another();
    balanced();
    expect(static_cast<std::size_t>(Life::count(lives.back()->destroyed)), 1,
           "destructions of the next callable");
    audio.halt();
    if (keeps) {
        const std::lock_guard lock{kept.mutex};
        kept.lives.push_back(std::move(lives.front()));
        lives.front() = std::make_unique<Life>();
    }
    if (keeps_beside) {
        const std::lock_guard lock{kept.mutex};
        kept.lives.push_back(std::exchange(life_beside, std::make_unique<Life>()));
    }
    return wrong;
}

}  // namespace faults
