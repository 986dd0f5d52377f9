// SPDX-License-Identifier: MIT
// The table: what ends a stream or gives it to another object, in each state that it may be in.
#include <utility>

#include "subject.hpp"
#include "tables.hpp"

namespace faults {

using portspan::Stream;

void add_ends(std::vector<Operation>& table) {
    for (const Subject subject : all_subjects()) {
        const auto before = [subject](World& w) { bring(w, subject); };
        const bool is_stream = subject.state != State::moved_from;
        const bool has_thrown = subject.state == State::threw;
        std::vector<Exception> both{quiet_terminate, quiet_close};
        if (!is_stream) both.clear();
        table.push_back({.name = "~Stream",
                         .how = subject.text(),
                         .before = before,
                         .act = [](World& w) { return w.stream.reset(), ""; },
                         .exceptions = both,
                         .has_thrown = has_thrown});
        table.push_back({.name = "Stream",
                         .how = "moved; " + subject.text(),
                         .before = before,
                         .act =
                             [](World& w) {
                                 w.other.emplace(std::move(*w.stream));
                                 w.stream.reset();
                                 return "";
                             },
                         .has_thrown = has_thrown});
        table.push_back({.name = "operator=",
                         .how = "a stream to itself; " + subject.text(),
                         .before = before,
                         .act =
                             [](World& w) {
                                 Stream<float>& self = *w.stream;
                                 *w.stream = std::move(self);
                                 return "";
                             },
                         .has_thrown = has_thrown});
        for (const State source : {State::fresh, State::running, State::moved_from}) {
            table.push_back(
                {.name = "operator=",
                 .how = Subject{subject.kind, source}.text() + "; over another: " + subject.text(),
                 .before =
                     [subject, source](World& w) {
                         bring(w, subject);
                         open_one(w, w.other, subject.kind);
                         if (source == State::running) w.other->start();
                         if (source == State::moved_from) forget(*w.other);
                     },
                 .act =
                     [](World& w) {
                         *w.stream = std::move(*w.other);
                         w.other.reset();
                         return "";
                     },
                 .exceptions = both});
        }
    }
}

}  // namespace faults
