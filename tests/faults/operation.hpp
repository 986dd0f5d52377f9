// SPDX-License-Identifier: MIT
// The table of portspan's public operations, and how one of them is tried.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "world.hpp"

namespace faults {

/// A failed call that an operation does not report, because its documentation says so.
struct Exception {
    std::string function;
    std::string reason;
    /// Only this answer; else every failure.
    std::optional<PaError> code = {};
};

struct Operation {
    std::string name = {};  ///< as the headers spell it
    std::string how = {};   ///< which overload, on what
    std::function<void(World&)> before = [](World&) {};
    /// Returns what the operation returns, as text.
    std::function<std::string(World&)> act = {};
    std::vector<Exception> exceptions = {};
    /// What act() returns, or how text_of() puts its exception, where no call failed but those
    /// whose failure is an exception.
    std::function<std::string(const Log&)> result = [](const Log&) { return std::string{}; };
    /// Failures are returned as a std::error_code.
    bool returns_code = false;
    /// Where it fails, nothing is left open at once.
    bool constructs = false;
    /// It starts a stream and waits for its end: for ever, where the device goes before that.
    bool starts_and_waits = false;
    /// It pumps.
    bool by_hand = false;
    /// PortAudio refuses what it is asked for, without any order.
    bool has_failures = false;
    /// The callable has thrown, which has to come out of portspan once.
    bool has_thrown = false;
    /// The devices that it asks for, in this order.
    std::vector<int> devices = {0, 1, 2};
    /// What the Error of a Pa_OpenStream that may have failed for its devices says of them.
    std::string opens = "input \"Microphone\", output \"Loudspeaker\"";
    /// What the Error of another failed call says of what was asked for.
    std::string detail = {};
};

[[nodiscard]] const std::vector<Operation>& operations();

[[nodiscard]] std::string title_of(const Operation& operation);

[[nodiscard]] std::string text_of(const std::error_code& code);
[[nodiscard]] std::string text_of(const portspan::Error& error);
// What text_of() has to say of an Error, put together without portspan's help.
[[nodiscard]] std::string error_text(const std::string& category, int code, const std::string& call,
                                     const std::string& what,
                                     const std::optional<portspan::HostError>& host = {});
[[nodiscard]] std::string failure(PaError code, const std::string& function,
                                  const std::string& detail = {},
                                  const std::optional<portspan::HostError>& host = {});

/// What a call on a stream that was moved from throws.
[[nodiscard]] inline std::string closed(const std::string& call) {
    return failure(paBadStreamPtr, call, "it is closed or was moved from");
}

/// One try of an operation.
struct Try {
    std::vector<std::string> asked;  ///< the calls that it has made
    Log log;
    Wrong wrong;
};
[[nodiscard]] Try try_once(const Operation& operation, const Setting& setting, const Plan& plan);

/// No call fails.
[[nodiscard]] inline Plan none() {
    return [](std::size_t, std::string_view) { return std::nullopt; };
}
/// The calls number `n` and `m`.
[[nodiscard]] Plan at(std::size_t n, PaError code);
[[nodiscard]] Plan at(std::size_t n, PaError code, std::size_t m, PaError other);

/// What `function` can answer where it fails; one code where it can only answer NULL or 0.
[[nodiscard]] std::vector<PaError> answers_of(std::string_view function);
/// Of those, one for each way in which portspan could treat them.
[[nodiscard]] std::vector<PaError> kinds_of_answers(std::string_view function);

/// Many tries; of each operation the first wrong one is kept in words.
class Tries {
public:
    /// Returns how many calls the operation has made.
    std::size_t add(const Operation& operation, const Setting& setting, const Plan& plan,
                    const std::string& what);
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

    std::size_t count = 0;
    std::size_t wrong = 0;
    std::string text;

private:
    std::vector<std::string> asked_;
    std::string last_wrong_;
};

/// A Catch check of them all. `least`: so many there were when this was written.
void report(const Tries& tries, std::size_t least);

/// Each answer of each call, one at a time.
void try_each_call(Tries& tries, const Operation& operation, const Setting& setting,
                   std::vector<PaError> (*answers)(std::string_view));

}  // namespace faults
