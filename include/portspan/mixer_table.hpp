// SPDX-License-Identifier: MIT
// Where a mixer's audio thread finds the actions that other threads give it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "call_counter.hpp"
#include "cue.hpp"
#include "mixer_job.hpp"

namespace portspan::detail {

/// Other threads, one at a time, put an action into a free place, where the audio thread finds it;
/// they take it out again when it is over or its stream has ended. No audio thread that is calling
/// can have it then: each call is announced.
class MixerTable {
public:
    explicit MixerTable(std::size_t places) : places_(places), jobs_(places) {}

    // The audio thread.

    /// One call: until its end the control side waits for what it may have.
    class Call {
    public:
        explicit Call(MixerTable& table) noexcept
            : call_(table.calls_), bank_(table.bank_.load()) {}

        /// Where this call tells what is new.
        [[nodiscard]] std::size_t bank() const noexcept { return bank_; }

    private:
        const CallCounter::Call call_;
        const std::size_t bank_;
    };
    /// In a Call.
    [[nodiscard]] BlockCounts& news(const Call& call) noexcept { return news_[call.bank()]; }
    template <class Work>
    void for_each(Work work) noexcept {
        const std::size_t in_use = in_use_.load();
        for (std::size_t i = 0; i < in_use; ++i) {
            if (Job* job = places_[i].load()) work(*job);
        }
    }

    // Another thread, one at a time.

    [[nodiscard]] const CallCounter& calls() const noexcept { return calls_; }
    /// A place each; null where that is free.
    [[nodiscard]] const std::vector<std::shared_ptr<Job>>& jobs() const noexcept { return jobs_; }

    /// False where there is no free place.
    [[nodiscard]] bool put(const std::shared_ptr<Job>& job) noexcept {
        const auto place = std::ranges::find(jobs_, nullptr);
        if (place == jobs_.end()) return false;
        *place = job;
        const auto i = static_cast<std::size_t>(place - jobs_.begin());
        places_[i].store(job.get());
        in_use_.store((std::max)(in_use_.load(), i + 1));
        return true;
    }

    /// In front of `out`, with all that was told of them. Takes no memory: it cannot fail halfway,
    /// when a place is free and its job not yet out.
    template <class Condition>
    void take_out(std::shared_ptr<Job>& out, Condition condition) noexcept {
        std::size_t in_use = in_use_.load();
        for (std::size_t i = in_use; i-- > 0;) {
            if (!jobs_[i] || !condition(*jobs_[i])) continue;
            places_[i].store(nullptr);
            jobs_[i]->next_over = std::move(out);
            out = std::move(jobs_[i]);
        }
        if (!out) return;
        while (in_use > 0 && !jobs_[in_use - 1]) --in_use;
        in_use_.store(in_use);
        await_call();
        for (Job* job = out.get(); job; job = job->next_over.get()) {
            for (ActionStatistics& news : job->news) add(job->statistics, std::exchange(news, {}));
        }
    }

    /// What the audio thread has told so far: it goes on in the other bank.
    void gather(BlockCounts& counts) noexcept {
        const std::size_t told = bank_.load(std::memory_order_relaxed);
        bank_.store(1 - told);
        await_call();
        add(counts, std::exchange(news_[told], {}));
        for (std::size_t i = 0; i < in_use_.load(); ++i) {
            const auto& job = jobs_[i];
            if (job) add(job->statistics, std::exchange(job->news[told], {}));
        }
    }

private:
    /// Until a call that goes on has ended. It is the mixer's own work, which waits for nobody.
    void await_call() const noexcept {
        const std::uint64_t seen = calls_.count();
        while (calls_.is_calling(seen)) std::this_thread::yield();
    }

    std::vector<std::atomic<Job*>> places_;
    std::atomic<std::size_t> in_use_{0};  ///< from the first place to the last that has a job
    CallCounter calls_;
    std::atomic<std::size_t> bank_{0};
    std::array<BlockCounts, 2> news_;
    std::vector<std::shared_ptr<Job>> jobs_;  ///< as in places_
};

}  // namespace portspan::detail
