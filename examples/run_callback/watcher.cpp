// SPDX-License-Identifier: MIT
// A source that is heard while it is edited.
#include "watcher.hpp"

#include <portaudio.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <portspan/error.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "builder.hpp"
#include "failure.hpp"
#include "file_stamp.hpp"
#include "run.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds look_interval{50};
/// A file that is written all the time is never at rest.
constexpr std::chrono::seconds longest_unrest{1};
constexpr double check_limit = 10;      // seconds for all of it
constexpr double longest_of_check = 3;  // that a callback is waited for

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(printable(line));
    return lines;
}

std::string with(std::string text, const std::string& old_part, const std::string& new_part) {
    for (std::size_t at = 0; !old_part.empty() && (at = text.find(old_part, at)) != text.npos;) {
        text.replace(at, old_part.size(), new_part);
        at += new_part.size();
    }
    return text;
}

/// It could not be taken over; `lines` belong to it.
struct Refused {
    std::string why;
    std::vector<std::string> lines;
};

}  // namespace

class Watcher::Core {
public:
    explicit Core(const Options& options)
        : options_(options),
          source_(options.watch),
          builder_(builder_for(options.watch, options.symbol, options.timeout.value_or(20))),
          files_(options.watch) {
        if (!files_.look().exists) throw Failure(source_ + ": there is no such file");
    }

    LoadedCallback first(const Stop& stop) {
        seen_ = files_.look();
        built_ = builder_->build(stop);
        try {
            LoadedCallback callback = loaded(stop);
            heard_ = seen_;
            return callback;
        } catch (const Refused& refused) {
            throw LongFailure(with_source(refused.why), refused.lines);
        }
    }

    void check_first(const Options& options, const StreamShape& shape, const Stop& stop) {
        options_ = options;
        shape_ = shape;
        // It is loaded already: what is there now may be another one, which is heard at once.
        if (!std::filesystem::exists(built_.library)) return;
        if (const std::string fault = fault_of(built_, stop); !fault.empty()) {
            throw Failure(fault);
        }
        built_.folder.reset();
    }

    void start(std::shared_ptr<Parameters> parameters, Exchange exchange) {
        parameters_ = std::move(parameters);
        exchange_ = std::move(exchange);
        tell({"watching " + source_, {}, false});
    }

    /// Until stop().
    void run() {
        std::optional<Stamp> unrest;
        auto unrest_since = Clock::now();
        while (!stops()) {
            std::this_thread::sleep_for(look_interval);
            tell_of_an_end();
            const Stamp now = files_.look();
            if (now == seen_) {
                unrest.reset();
                continue;
            }
            if (!unrest) unrest_since = Clock::now();
            // Twice the same: whoever writes it is done.
            const bool is_at_rest = unrest == now || Clock::now() - unrest_since > longest_unrest;
            unrest = now;
            if (!is_at_rest) continue;
            unrest.reset();
            const bool was_gone = std::exchange(seen_, now).exists == false;
            if (!now.exists) {
                tell({source_ + " is gone, the sound goes on", {}, true});
            } else if (now != heard_ || !was_gone) {
                take_over();
            } else {
                tell({source_ + " is back as it was", {}, false});
            }
        }
    }

    void stop() noexcept { stops_.store(true); }

    std::vector<News> take_news() {
        const std::lock_guard lock{mutex_};
        return std::exchange(news_, {});
    }

private:
    bool stops() const noexcept { return stops_.load(); }

    void tell(News news) {
        const std::lock_guard lock{mutex_};
        news_.push_back(std::move(news));
    }

    [[noreturn]] static void refuse(std::string why, std::vector<std::string> lines = {}) {
        throw Refused{std::move(why), std::move(lines)};
    }

    /// The library of built_, in memory. Throws Refused.
    LoadedCallback loaded(const Stop& stop) {
        if (built_.stopped || stop()) refuse("interrupted");
        const bool is_known = built_.error.empty() || !built_.depends.empty();
        if (is_known) seen_ = files_.depend_on(built_.depends);
        if (!built_.error.empty()) {
            const std::vector<std::string> lines = lines_of(built_.error);
            if (lines.size() == 1) refuse(lines.front());
            refuse("it does not compile", lines);
        }
        using portspan::Visibility;
        const auto visibility = options_.global ? Visibility::global : Visibility::local;
        try {
            LoadedCallback loaded{portspan::SharedLibrary::snapshot(
                                      built_.library, portspan::Binding::now, visibility),
                                  built_.symbol};
            static_cast<void>(loaded.library.callback(built_.symbol.c_str()));
            if (!loaded_) loaded_ = loaded;
            return loaded;
        } catch (const portspan::Error& error) {
            if (error.code() != portspan::Fault::symbol_not_found) {
                refuse(in_words_of_source(error.what()));
            }
            refuse("there is no function " + built_.symbol + ", " +
                   there_are(callbacks_of(built_.library)));
        }
    }

    [[nodiscard]] std::string with_source(const std::string& why) const {
        return why.find(source_) == why.npos ? source_ + ": " + why : why;
    }
    [[nodiscard]] std::string in_words_of_source(const std::string& text) const {
        return with(with(text, built_.library.string() + ": ", ""), built_.library.string(),
                    source_);
    }

    /// What --check says of it, in a process of its own; empty where it is well.
    [[nodiscard]] std::string fault_of(const Built& built, const Stop& stop) const {
        std::vector<std::string> words{own_program(), built.library.string(), built.symbol,
                                       "--check", "--quiet"};
        const auto add = [&](const std::string& option, const std::string& value) {
            words.insert(words.end(), {option, value});
        };
        add("--timeout", formatted("%g", longest_of_check));
        add("--format", name_of(options_.format));
        add("--channels",
            std::to_string(shape_.input_channels) + ":" + std::to_string(shape_.output_channels));
        add("--sample-rate", formatted("%.17g", shape_.sample_rate));
        // One size alone is quicker, and it is that of the stream where somebody has chosen it.
        constexpr std::size_t usual = 256;
        const std::size_t frames = options_.frames_per_buffer;
        add("--frames-per-buffer", std::to_string(frames == 0 ? usual : frames));
        if (options_.planar) words.emplace_back("--planar");
        if (options_.in_place) words.emplace_back("--in-place");
        if (options_.global) words.emplace_back("--global");
        const Ran ran = run_process(words, check_limit, stop);
        if (ran.stopped) return source_ + ": interrupted";
        if (ran.ending.empty()) return {};
        // "run_callback: libgain.so: gain: the callback ..."
        std::string text = ran.err.substr(0, ran.err.find_last_not_of('\n') + 1);
        text.erase(0, text.starts_with("run_callback: ") ? 14 : 0);
        if (text.empty()) text = source_ + ": the check of it: " + ran.ending;
        return with(printable(text), built.library.string(), source_);
    }

    /// The source as it is now is to be heard.
    void take_over() {
        const auto written = files_.written();
        std::shared_ptr<Voice> voice;
        try {
            const Stop stop = [this] { return stops(); };
            built_ = builder_->build(stop);
            const Clock::time_point built_at = Clock::now();
            std::optional<LoadedCallback> next = loaded(stop);
            const std::string fault = fault_of(built_, stop);
            if (!fault.empty()) refuse(fault);
            const std::chrono::duration<double> checked = Clock::now() - built_at;
            // A library that was written meanwhile is not what was checked.
            if (!built_.folder && files_.look() != seen_) {
                seen_ = {};
                return;
            }
            const portspan::RawCallback raw = next->library.callback(next->symbol.c_str());
            voice = parameters_->new_voice(*next, raw, true, shape_.silence);
            const auto before = std::exchange(loaded_, std::move(next));
            try {
                exchange_(Voice::raw(voice));
            } catch (...) {
                loaded_ = before;
                parameters_->take_back();
                throw;
            }
            parameters_->keep();
            heard_ = seen_;
            has_ended_ = false;
            tell_of_success(*voice, written, checked.count());
        } catch (const Refused& refused) {
            if (!stops()) tell_of_failure(refused.why, refused.lines);
        } catch (const std::exception& error) {
            if (!stops()) tell_of_failure(in_words_of_source(error.what()), {});
        }
        built_.folder.reset();  // with the library's file: it is in memory
    }

    void tell_of_failure(const std::string& why, std::vector<std::string> lines) {
        tell({with_source(why) + "; the last one goes on", std::move(lines), true});
    }

    void tell_of_success(const Voice& voice, std::filesystem::file_time_type written,
                         double checked) {
        std::string text = source_ + ": heard";
        if (const auto first = voice.first_call()) {
            const std::chrono::duration<double> age =
                std::filesystem::file_time_type::clock::now() - written;
            const double seconds =
                age.count() - std::chrono::duration<double>(Clock::now() - *first).count();
            // A file may have been moved here, with the time of long ago.
            constexpr double longest = 600;
            if (seconds >= 0 && seconds < longest) {
                text += " " + duration_text(seconds) + " after it was saved";
            }
        }
        text += " (";
        if (built_.seconds > 0) text += "compiled in " + duration_text(built_.seconds) + ", ";
        text += "checked in " + duration_text(checked) + ")";
        if (const std::string missing = parameters_->missing(); !missing.empty()) {
            text += "; it has no " + missing;
        }
        std::vector<std::string> notes;
        for (const std::string& note : built_.notes) {
            for (std::string& line : lines_of(note)) notes.push_back(std::move(line));
        }
        tell({text, std::move(notes), false});
    }

    /// A callback that wants no more is silent, and the session goes on.
    void tell_of_an_end() {
        const auto voice = parameters_->voice();
        if (!voice || voice->result() == paContinue || has_ended_) return;
        has_ended_ = true;
        const int result = voice->result();
        const std::string what =
            result == paComplete ? "completed"
            : result == paAbort  ? "aborted"
                                 : "returned " + std::to_string(result) + ", which is no result";
        const std::string reason = result == paAbort ? reason_of(*loaded_) : "";
        tell({source_ + ": the callback " + what + (reason.empty() ? "" : ": " + reason) +
                  "; there is silence until the next save",
              {},
              result != paComplete});
    }

    Options options_;
    StreamShape shape_;
    std::string source_;
    std::unique_ptr<Builder> builder_;
    WatchedFiles files_;
    Stamp seen_;   ///< what was dealt with
    Stamp heard_;  ///< what is heard
    Built built_;
    std::optional<LoadedCallback> loaded_;
    std::shared_ptr<Parameters> parameters_;
    Exchange exchange_;
    bool has_ended_ = false;
    std::atomic<bool> stops_{false};
    std::mutex mutex_;
    std::vector<News> news_;

    friend class Watcher;
    std::future<void> done_;
};

Watcher::Watcher(const Options& options) : core_(std::make_shared<Core>(options)) {}

Watcher::~Watcher() { static_cast<void>(stop()); }

LoadedCallback Watcher::first(const Stop& stop) { return core_->first(stop); }

void Watcher::check_first(const Options& options, const StreamShape& shape, const Stop& stop) {
    core_->check_first(options, shape, stop);
}

void Watcher::start(std::shared_ptr<Parameters> parameters, Exchange exchange) {
    core_->start(std::move(parameters), std::move(exchange));
    std::promise<void> done;
    core_->done_ = done.get_future();
    std::thread{[core = core_, done = std::move(done)]() mutable {
        core->run();
        done.set_value();
    }}.detach();
}

bool Watcher::stop() {
    core_->stop();
    if (!core_->done_.valid()) return true;
    constexpr std::chrono::seconds longest{5};
    return core_->done_.wait_for(longest) == std::future_status::ready;
}

std::vector<News> Watcher::take_news() { return core_->take_news(); }

}  // namespace run_callback
