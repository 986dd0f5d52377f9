// SPDX-License-Identifier: MIT
// --check: whether a callback behaves, found out in a process that it may break.
#include "check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <optional>
#include <portspan/check.hpp>
#include <portspan/describe.hpp>
#include <sstream>
#include <type_traits>
#include <vector>

#include "child.hpp"
#include "failure.hpp"
#include "fenced.hpp"
#include "run.hpp"
#include "static_state.hpp"
#include "text.hpp"
#include "types.hpp"
#include "voice.hpp"

namespace run_callback {

namespace {

using portspan::CheckOptions;
using portspan::CheckReport;
using portspan::Finding;
using portspan::Observation;

/// What one child is to do.
enum class Task {
    check,
    check_with_statics,  ///< the library's variables are put back before each run
    null_input,          ///< one more run, without an input
    fenced_input,        ///< some calls on an input that lies against forbidden memory
};

/// What is known of a child's work, as far as it came.
struct Answer {
    std::string how;  ///< "float32 interleaved, 2 channels in, 2 out, user data NULL"
    std::string at = "while the library was loaded";  ///< how it was called last
    std::string ended;                                ///< by what, if not by itself
    std::string failure;                              ///< it could not be checked at all
    std::string outside;  ///< "behind 0": where it read, beyond which region of its input
    bool is_planar = false;
    bool has_input = false;
    bool says_input = false;  ///< by the callback's own word
    bool is_float = false;
    bool describes = false;  ///< it has a description
    bool has_state = false;  ///< its user data is not NULL
    double sample_rate = 48000;
    CheckReport report;

    /// "reads beyond the end of its input, in blocks of 64 frames"; empty where it does not.
    [[nodiscard]] std::string outside_text() const {
        if (outside.empty()) return {};
        const std::size_t space = outside.find(' ');
        const bool is_behind = outside.substr(0, space) == "behind";
        return std::string{"reads "} + (is_behind ? "beyond the end of " : "before the start of ") +
               (is_planar ? "channel " + outside.substr(space + 1) + " of " : "") + "its input, " +
               at;
    }
    /// "crashed (SIGSEGV), in blocks of 64 frames"; empty where all went well.
    [[nodiscard]] std::string end_text() const {
        if (ended.empty()) return {};
        const bool is_told = ended == "crashed (SIGSEGV)" && !has_state;
        return ended + (is_told ? " with NULL as its user data, " : ", ") + at;
    }
};

portspan::Shape shape_of(const Callback& callback, const Options& options) {
    portspan_description says{};
    if (callback.raw().description) says = *callback.raw().description;
    const auto silent = [](std::int32_t channels) { return channels == PORTSPAN_NO_CHANNELS; };
    const std::size_t inputs = options.input_channels.value_or(silent(says.input_channels) ? 0 : 2);
    const std::size_t like_input = inputs == 0 ? 2 : inputs;
    return {inputs,
            options.output_channels.value_or(silent(says.output_channels) ? 0 : like_input)};
}

/// What user data points at: the same as in a run.
class CheckedState {
public:
    explicit CheckedState(const Callback& callback) {
        const State state{callback.loaded()};
        size_ = state.size();
        is_described_ = state.is_described();
        if (size_ == 0) {
            const portspan_description* const says = callback.raw().description;
            left_out_ = says ? says->state_size : 0;
            return;
        }
        // With room behind it: check() looks for writes there on a copy, when others have run.
        memory_.resize(size_ + room);
        std::copy_n(state.bytes(), size_, memory_.begin());
    }
    /// Null where the callback has none.
    [[nodiscard]] void* address() noexcept { return size_ == 0 ? nullptr : memory_.data(); }
    [[nodiscard]] std::string text() const {
        if (left_out_ != 0) {
            return "user data NULL: it does not say that it needs its state of " +
                   count_text(left_out_, "byte");
        }
        if (size_ == 0) return "user data NULL";
        return "user data " + count_text(size_, "byte") + (is_described_ ? "" : " of zeros");
    }

private:
    static constexpr std::size_t room = 4096 * sizeof(std::max_align_t);
    std::size_t size_ = 0;
    bool is_described_ = false;
    std::uint64_t left_out_ = 0;  ///< bytes of a state that it can do without
    // Bytes, not std::max_align_t: a copy of that one leaves what lies between its members.
    std::vector<std::byte> memory_;
};

/// Of its usual sizes those whose end is as aligned as its start, or the one that was asked for.
void call_on_fences(const portspan::RawCallback& raw, portspan::Shape shape, const Options& options,
                    const Tell& tell) {
    const std::uint64_t said = raw.description ? raw.description->largest_block : 0;
    const std::size_t asked = options.given.frames_per_buffer ? options.frames_per_buffer : 0;
    for (const std::size_t usual : {256, 64}) {
        std::size_t frames = asked != 0 ? asked : usual;
        if (said != 0) frames = static_cast<std::size_t>(std::min<std::uint64_t>(frames, said));
        tell("at in blocks of " + count_text(frames, "frame"));
        for (const Edge edge : {Edge::end, Edge::start}) {
            with_types(options, [&](auto sample, auto layout) {
                using T = typename decltype(sample)::type;
                using L = typename decltype(layout)::type;
                call_fenced<T, L>({.callback = raw,
                                   .shape = shape,
                                   .sample_rate = options.sample_rate.value_or(48000),
                                   .frames = frames,
                                   .in_place = options.in_place,
                                   .edge = edge});
            });
        }
        if (asked != 0) return;
    }
}

/// In the child. Each line is a word and what belongs to it.
void work(Options options, Task task, const Tell& tell) {
    const Callback callback{options};
    take_from_callback(callback, options);
    const portspan::Shape shape = shape_of(callback, options);
    portspan::RawCallback raw = callback.raw();
    CheckedState state{callback};
    raw.user_data = state.address();
    tell("how " + std::string{name_of(options.format)} +
         (options.planar ? " planar" : " interleaved") + (options.in_place ? " in place, " : ", ") +
         count_text(shape.input_channels, "channel") + " in, " +
         std::to_string(shape.output_channels) + " out, " + state.text());
    tell(shape.input_channels > 0 ? "input 1" : "input 0");
    tell(raw.description && raw.description->input_channels > 0 ? "says_input 1" : "says_input 0");
    tell(raw.description ? "describes 1" : "describes 0");
    tell(raw.user_data ? "state 1" : "state 0");
    tell(options.format == Format::float32 ? "float 1" : "float 0");
    tell(options.planar ? "planar 1" : "planar 0");
    if (task == Task::fenced_input) return call_on_fences(raw, shape, options, tell);

    CheckOptions check{.input_channels = shape.input_channels,
                       .output_channels = shape.output_channels,
                       .sample_rate = options.sample_rate.value_or(48000),
                       .null_input = task == Task::null_input};
    tell("rate " + formatted("%.17g", check.sample_rate));
    if (options.given.frames_per_buffer && options.frames_per_buffer != 0) {
        check.block_sizes = {options.frames_per_buffer};
    } else if (task == Task::null_input) {
        check.block_sizes.resize(1);
    }
    check.progress = [&](const std::string& what) { tell("at " + what); };
    check.found = [&](const Finding& finding) {
        std::string text = finding.text;
        if (finding.what == Observation::aborted && !raw.failures) {
            if (const std::string reason = callback.reason(); !reason.empty()) {
                text += ": " + reason;
            }
        }
        tell("finding " + std::to_string(static_cast<int>(finding.what)) + " " +
             (finding.is_fault ? "1 " : "0 ") + printable(text));
    };
    std::optional<StaticState> statics;
    if (task == Task::check_with_statics) {
        statics.emplace(reinterpret_cast<const void*>(raw.function));
        check.restore = [&] { statics->restore(); };
    }

    CheckReport report;
    with_types(options, [&](auto sample, auto layout) {
        using T = typename decltype(sample)::type;
        using L = typename decltype(layout)::type;
        if (shape.input_channels == 0) {
            report = portspan::check<void, T, L>(raw, check);
        } else if (shape.output_channels == 0) {
            report = portspan::check<T, void, L>(raw, check);
        } else if (options.in_place) {
            report = portspan::check<T, T, L>(portspan::in_place(raw), check);
        } else {
            report = portspan::check<T, T, L>(raw, check);
        }
    });
    if (report.repeatable) tell(*report.repeatable ? "repeatable 1" : "repeatable 0");
    if (report.in_place) tell(*report.in_place ? "in_place 1" : "in_place 0");
    tell(report.completed ? "completed 1" : "completed 0");
    tell(formatted("times %.9g %.9g %.9g %zu", report.first_call, report.steady_call,
                   report.worst_call, report.steady_frames));
}

void hear(Answer& answer, const std::string& line) {
    std::istringstream words{line};
    std::string word;
    words >> word;
    const auto rest = [&] {
        std::string text;
        words >> std::ws;
        std::getline(words, text);
        return text;
    };
    const auto flag = [&] { return rest() == "1"; };
    if (word == "how") answer.how = rest();
    if (word == "at") answer.at = rest();
    if (word == "failure") answer.failure = rest();
    if (word == "outside") answer.outside = rest();
    if (word == "planar") answer.is_planar = flag();
    if (word == "input") answer.has_input = flag();
    if (word == "says_input") answer.says_input = flag();
    if (word == "describes") answer.describes = flag();
    if (word == "state") answer.has_state = flag();
    if (word == "float") answer.is_float = flag();
    if (word == "rate") words >> answer.sample_rate;
    if (word == "repeatable") answer.report.repeatable = flag();
    if (word == "in_place") answer.report.in_place = flag();
    if (word == "completed") answer.report.completed = flag();
    if (word == "times") {
        words >> answer.report.first_call >> answer.report.steady_call >>
            answer.report.worst_call >> answer.report.steady_frames;
    }
    if (word == "finding") {
        int what = 0;
        bool is_fault = false;
        words >> what >> is_fault;
        answer.report.findings.push_back({static_cast<Observation>(what), is_fault, rest()});
    }
}

Answer ask(const Options& options, Task task) {
    Answer answer;
    answer.ended = run_in_child(
        options.timeout.value_or(10),
        [&](const Tell& tell) {
            try {
                work(options, task, tell);
            } catch (const std::exception& error) {
                tell("failure " + printable(error.what()));
            }
        },
        [&](const std::string& line) { hear(answer, line); });
    return answer;
}

/// As it is; and where it is not repeatable, but is from the library's own variables, as it is
/// then. Those are more than it needs, and what they point at is not put back: what goes wrong with
/// that is no fault of the callback's.
Answer ask_twice(const Options& options) {
    const Answer answer = ask(options, Task::check);
    if (!answer.ended.empty() || answer.report.repeatable.value_or(true)) return answer;
    Answer again = ask(options, Task::check_with_statics);
    const bool is_better =
        again.ended.empty() && again.failure.empty() && again.report.repeatable.value_or(false);
    return is_better ? again : answer;
}

/// "reads beyond the end of its input, ..."; empty where it does not, and where it has crashed or
/// written there for another reason.
std::string ask_what_it_reads(const Options& options, const Answer& answer) {
    using enum Observation;
    const CheckReport& report = answer.report;
    const bool is_known = report.find(wrote_outside_output) || report.find(wrote_outside_input);
    if (!answer.has_input || is_known || answer.ended.starts_with("did not")) return {};
    return ask(options, Task::fenced_input).outside_text();
}

struct Row {
    const char* name;
    std::vector<Observation> findings;
    bool applies = true;
};

std::vector<Row> rows_of(const Answer& answer) {
    using enum Observation;
    const bool compared = answer.report.repeatable.value_or(false);
    return {{"stays inside its buffers",
             {read_outside_input, wrote_outside_output, wrote_outside_input, wrote_outside_state}},
            {"leaves its input alone", {wrote_to_input}, answer.has_input},
            {"writes all of its output", {output_not_written, reads_old_output}},
            {"gives finite samples", {output_nan, output_infinite}, answer.is_float},
            {"returns a result", {unknown_result, aborted, threw}},
            {"leaves the processor as it was", {changed_float_control}},
            {"gives the same again", {not_repeatable}},
            {"gives the same in other blocks", {depends_on_block_size}, compared},
            {"gives the same in place", {not_in_place}, answer.report.in_place.has_value()}};
}

void print_row(const char* mark, const char* name, const std::string& text) {
    std::printf("  %-5s %s\n", mark, text.empty() ? name : (padded(name, 32) + text).c_str());
}

void print_table(const Answer& answer) {
    const CheckReport& report = answer.report;
    for (const Row& row : rows_of(answer)) {
        bool found = false;
        for (const Finding& finding : report.findings) {
            if (std::ranges::find(row.findings, finding.what) == row.findings.end()) continue;
            print_row(finding.is_fault ? "FAULT" : "note", row.name, finding.text);
            found = true;
        }
        if (found) continue;
        const bool is_in_place = row.findings.front() == Observation::not_in_place;
        if (!answer.ended.empty() || !row.applies) {
            print_row("-", row.name, "");
        } else if (is_in_place && !*report.in_place) {
            print_row("no", row.name, "it does not say that it does");
        } else {
            print_row("yes", row.name, "");
        }
    }
    if (!answer.ended.empty()) print_row("FAULT", "comes back", answer.end_text());
}

void print_times(const Answer& answer) {
    const CheckReport& report = answer.report;
    if (report.steady_frames == 0) return;
    const double lasts = static_cast<double>(report.steady_frames) / answer.sample_rate;
    std::printf("First call %s, then %s, at worst %s for %s (%s of the time that they last).\n",
                time_text(report.first_call).c_str(), time_text(report.steady_call).c_str(),
                time_text(report.worst_call).c_str(),
                count_text(report.steady_frames, "frame").c_str(),
                percent_text(report.worst_call / lasts).c_str());
}

/// Where PortAudio passes no input: in a stream that has none, and in others where the host has
/// none for a block. A callback need not be written for that.
void print_null_input(const Answer& with_input, const Answer& without) {
    const char* const name = "works without an input";
    const auto is_fresh = [&](const Finding& finding) {
        return finding.is_fault && !with_input.report.find(finding.what);
    };
    const auto fresh = std::ranges::find_if(without.report.findings, is_fresh);
    const char* const when =
        with_input.says_input
            ? ", which a host may pass while it has none"
            : ": open it with input channels, or let its description say that it has some";
    if (!without.ended.empty()) {
        print_row("note", name, without.ended + " where the input is NULL" + when);
    } else if (fresh != without.report.findings.end()) {
        print_row("note", name, fresh->text + when);
    } else {
        print_row("yes", name, "");
    }
}

/// Of what may be no fault but a guess of its channels that was wrong, for a callback that does not
/// tell them.
void ask_for_channels(Answer& answer, const Options& options) {
    using enum Observation;
    if (answer.describes || options.given.channels) return;
    constexpr std::array may_be_wrong{read_outside_input, wrote_outside_output, wrote_outside_input,
                                      output_not_written};
    for (Finding& finding : answer.report.findings) {
        const bool may_be = std::ranges::find(may_be_wrong, finding.what) != may_be_wrong.end();
        // No count of channels leads there.
        const bool is_before = finding.text.find(" before ") != std::string::npos;
        if (may_be && !is_before) finding.text += "; is --channels right?";
    }
}

}  // namespace

void check_callback(const Options& options) {
    Answer answer = ask_twice(options);
    if (!answer.failure.empty()) throw Failure(answer.failure);
    if (const std::string reads = ask_what_it_reads(options, answer); !reads.empty()) {
        // First: what follows from it is found as well.
        std::vector<Finding>& findings = answer.report.findings;
        findings.insert(findings.begin(), {Observation::read_outside_input, true, reads});
    }
    ask_for_channels(answer, options);
    const std::string name = options.library + ": " + options.symbol;
    if (!options.quiet) {
        std::printf("%s: %s\n", printable(name).c_str(), answer.how.c_str());
        print_table(answer);
        if (answer.has_input && answer.ended.empty()) {
            print_null_input(answer, ask(options, Task::null_input));
        }
        print_times(answer);
    }
    std::vector<std::string> faults;
    for (const Finding& finding : answer.report.findings) {
        if (finding.is_fault) faults.push_back(finding.text);
    }
    if (!answer.ended.empty()) faults.insert(faults.begin(), answer.end_text());
    if (faults.empty()) {
        if (!options.quiet) std::puts("Passed.");
        return;
    }
    const std::size_t more = faults.size() - 1;
    throw Failure(name + ": the callback " + faults.front() +
                  (more == 0 ? "" : " (and " + count_text(more, "other fault") + ")"));
}

}  // namespace run_callback
