// SPDX-License-Identifier: MIT
// A stream in each state that an operation may find it in.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "world.hpp"

namespace faults {

enum class Kind { callable, foreign };
enum class State { fresh, running, completed, stop_requested, threw, ended, moved_from };

struct Subject {
    Kind kind;
    State state;

    [[nodiscard]] std::string text() const {
        constexpr std::array states{"fresh",      "running", "completed", "asked to stop",
                                    "has thrown", "ended",   "moved from"};
        return std::string{kind == Kind::callable ? "callable, " : "foreign, "} +
               states[static_cast<std::size_t>(state)];
    }
    [[nodiscard]] bool has_callable() const {
        return kind == Kind::callable && state != State::moved_from;
    }
};

inline std::vector<Subject> all_subjects() {
    std::vector<Subject> all;
    for (const State state : {State::fresh, State::running, State::completed, State::stop_requested,
                              State::threw, State::ended, State::moved_from}) {
        all.push_back({Kind::callable, state});
        // A foreign function throws nothing and is not asked to stop.
        if (state == State::threw || state == State::stop_requested) continue;
        all.push_back({Kind::foreign, state});
    }
    return all;
}

inline void open_one(World& w, std::optional<portspan::Stream<float>>& stream, Kind kind) {
    Life& life = w.new_life();
    if (kind == Kind::callable) {
        stream.emplace(Loud{Owned{life}});
    } else {
        stream.emplace(raw(life));
    }
}

inline void forget(portspan::Stream<float>& stream) {
    const portspan::Stream<float> moved{std::move(stream)};
}

/// The World's stream, in that state.
inline void bring(World& w, Subject subject) {
    open_one(w, w.stream, subject.kind);
    if (subject.state == State::fresh) return;
    if (subject.state == State::moved_from) return forget(*w.stream);
    if (subject.state == State::completed) w.life().does = Does::complete;
    if (subject.state == State::threw) w.life().does = Does::throws;
    w.stream->start();
    w.audio.pump(64);
    if (subject.state == State::stop_requested) {
        w.stream->request_stop();
        w.ends_by_itself = true;
    }
    if (subject.state == State::ended) w.stream->stop();
}

}  // namespace faults
