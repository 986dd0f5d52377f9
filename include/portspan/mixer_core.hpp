// SPDX-License-Identifier: MIT
// What a mixer's control threads and its audio thread tell each other, whatever the samples are.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "bind.hpp"
#include "call_watch.hpp"
#include "control.hpp"
#include "cue.hpp"
#include "error.hpp"
#include "mixer_job.hpp"
#include "mixer_table.hpp"

namespace portspan::detail {

/// The control side of a mixer; the audio thread has the table alone.
class MixerCore {
public:
    using Duration = std::chrono::duration<double>;

    MixerCore(std::size_t actions, Duration patience)
        : table_(checked(actions)), patience_(patience) {
        if (!(patience >= patience.zero())) {
            raise(Error(Fault::invalid_argument, "Mixer", "the patience must be 0 s or more"));
        }
    }

private:
    /// After the lock: nobody knows what the end of a buffer's owner does.
    static void release(std::shared_ptr<Job>& over) noexcept {
        while (over) {
            over->release();
            over->is_released.store(true, std::memory_order_release);
            over = std::move(over->next_over);
        }
    }
    struct Releasing {
        std::shared_ptr<Job>& over;
        explicit Releasing(std::shared_ptr<Job>& its_over) noexcept : over(its_over) {}
        Releasing(const Releasing&) = delete;
        Releasing& operator=(const Releasing&) = delete;
        ~Releasing() { release(over); }
    };

    template <class Answer>
    auto asked(const char* call, Answer answer) {
        refuse_inside(call);
        std::shared_ptr<Job> over;
        const Releasing releasing{over};
        const std::lock_guard lock{mutex_};
        collect(over);
        return answer();
    }

public:
    [[nodiscard]] MixerTable& table() noexcept { return table_; }

    // Any thread but the audio thread.

    /// For a stream. Throws Error where the mixer has one, or what is scheduled does not fit.
    void bind(const Context& context) {
        const std::lock_guard lock{mutex_};
        if (context_) {
            raise(Error(
                Fault::invalid_argument, "Mixer",
                "another callback that is not destroyed yet has it, in this stream or another"));
        }
        for (const auto& job : table_.jobs()) {
            if (job) require_channels(*job, context.shape, "Mixer");
        }
        context_ = context;
        for (const auto& job : table_.jobs()) {
            if (job) assign(*job);
        }
    }
    /// The stream is closed: no call is made any more.
    void unbind() noexcept {
        std::shared_ptr<Job> over;
        {
            const std::lock_guard lock{mutex_};
            const unsigned run = context_->control->run();
            take_back(over, [run](const Job& job) {
                return job.run.load(std::memory_order_relaxed) <= run;
            });
            context_.reset();
        }
        release(over);
    }

    /// Hands it over. Throws Error where the mixer is full, or its stream has not enough channels.
    void submit(const std::shared_ptr<Job>& job, const char* call) {
        refuse_inside(call);
        std::shared_ptr<Job> over;
        const Releasing releasing{over};
        const std::lock_guard lock{mutex_};
        collect(over);
        if (context_) require_channels(*job, context_->shape, call);
        if (context_) assign(*job);
        if (!table_.put(job)) {
            raise(Error(std::make_error_code(std::errc::resource_unavailable_try_again), call,
                        std::to_string(table_.jobs().size()) +
                            " actions are waiting or running, MixerConfig has no room for more"));
        }
    }

    /// Lets go of everything that is over.
    void tidy(const char* call) {
        asked(call, [] { return true; });
    }

    /// Ends it at that moment, seconds, or an earlier one that was given before.
    static void cancel(Job& job, double moment) noexcept {
        double before = job.cancel_at.load(std::memory_order_relaxed);
        while (moment < before && !job.cancel_at.compare_exchange_weak(before, moment)) {
        }
    }

    [[nodiscard]] bool is_over(const Job& job, const char* call) {
        refuse_inside(call);
        return look(job) == Progress::over;
    }

    /// True where it is over; false where `expired()`, or no stream runs that would get it there.
    template <class Expired>
    bool wait(const Job& job, const char* call, Expired expired) {
        refuse_inside(call);
        CallWatch watch{table_.calls()};
        while (true) {
            const Progress progress = look(job);
            if (progress == Progress::over) return true;
            if (progress == Progress::none || expired()) return false;
            if (watch.silence() > patience_) {
                raise(Error(portaudio_error(paTimedOut), call, "no call from the device"));
            }
            std::this_thread::sleep_for(glance);
        }
    }

    [[nodiscard]] ActionStatistics statistics(const Job& job, const char* call) {
        return asked(call, [&] {
            table_.gather(counts_);
            return job.statistics;
        });
    }
    /// 0 where no stream has had it.
    [[nodiscard]] double sample_rate(const Job& job, const char* call) {
        return asked(call, [&] { return job.sample_rate; });
    }
    [[nodiscard]] BlockCounts statistics(bool and_reset, const char* call) {
        return asked(call, [&] {
            table_.gather(counts_);
            return and_reset ? std::exchange(counts_, {}) : counts_;
        });
    }

private:
    enum class Progress { over, expected, none };

    static std::size_t checked(std::size_t actions) {
        constexpr std::size_t most = 1 << 16;
        if (actions == 0 || actions > most) {
            raise(Error(Fault::invalid_argument, "Mixer",
                        std::to_string(actions) + " actions at once"));
        }
        return actions;
    }
    static void require_channels(const Job& job, const Shape& shape, const char* call) {
        const std::size_t has = job.plays ? shape.output_channels : shape.input_channels;
        if (job.channels <= has) return;
        raise(Error(Fault::channel_mismatch, call,
                    std::to_string(job.channels) + (job.plays ? " output" : " input") +
                        " channels are needed, the stream has " + std::to_string(has)));
    }

    // With the lock.

    /// The run of the stream that it is for: this one, or the next.
    void assign(Job& job) const noexcept {
        const Control& control = *context_->control;
        const bool is_running = control.is_running();
        job.run.store(is_running ? control.run() : control.run() + 1, std::memory_order_relaxed);
        job.sample_rate = context_->sample_rate;
    }

    /// By now, whenever now is.
    static bool is_cancelled(const Job& job) noexcept {
        return job.cancel_at.load(std::memory_order_relaxed) == Job::at_once;
    }

    /// Everything that is over, and what nobody will play any more.
    void collect(std::shared_ptr<Job>& over) noexcept {
        // First the run: it may be the next one already.
        const unsigned run = context_ ? context_->control->run() : 0;
        const bool is_running = context_ && context_->control->is_running();
        take_back(over, [=](const Job& job) {
            if (detail::is_over(job.state.load(std::memory_order_acquire))) return true;
            if (is_running) return false;
            return is_cancelled(job) ||
                   (job.run.load(std::memory_order_relaxed) <= run && run != 0);
        });
    }
    template <class Condition>
    void take_back(std::shared_ptr<Job>& over, Condition has_ended) noexcept {
        table_.take_out(over, has_ended);
        for (Job* job = over.get(); job; job = job->next_over.get()) {
            if (detail::is_over(job->statistics.state)) continue;
            const bool is_unheard = job->statistics.state == ActionState::waiting;
            job->statistics.state = is_unheard && is_cancelled(*job) ? ActionState::cancelled
                                                                     : ActionState::interrupted;
            job->state.store(job->statistics.state, std::memory_order_release);
        }
    }

    /// Where it has got to.
    [[nodiscard]] Progress look(const Job& job) {
        std::shared_ptr<Job> over;
        Progress progress = Progress::none;
        {
            const Releasing releasing{over};
            const std::lock_guard lock{mutex_};
            collect(over);
            const bool is_held =
                std::ranges::find(table_.jobs(), &job, &std::shared_ptr<Job>::get) !=
                table_.jobs().end();
            const bool runs = context_ && context_->control->is_running();
            // Another thread may be about to release it.
            if (runs || !is_held) progress = Progress::expected;
        }
        return job.is_released.load(std::memory_order_acquire) ? Progress::over : progress;
    }

    MixerTable table_;
    std::mutex mutex_;                // never taken by the audio thread
    std::optional<Context> context_;  ///< in a stream
    BlockCounts counts_;
    const Duration patience_;
};

}  // namespace portspan::detail
