// SPDX-License-Identifier: MIT
// A shared library by which a program in another language plays what it compiled itself: it hands
// over the callback's address and its state, and is told when neither is used any more.
#include <cstdint>
#include <memory>
#include <portspan/portspan.hpp>
#include <string>

namespace {

using Player = portspan::Stream<float>;

thread_local std::string reason;  // of this thread's last failure

template <class Action>
bool succeeds(Action&& action) noexcept try {
    action();
    return true;
} catch (const std::exception& error) {
    reason = error.what();
    return false;
}

}  // namespace

/// Null where that fails. `release(token)` is called once, by the thread that opens or closes:
/// before null is returned, or else after the stream is closed.
PORTSPAN_EXTERN Player* player_open(std::uintptr_t address, void* state, void (*release)(void*),
                                    void* token) {
    Player* player = nullptr;
    succeeds([&] {
        std::shared_ptr<void> keep_alive{token, release};
        const portspan::StreamConfig stereo{.input = {.channels = 2}, .output = {.channels = 2}};
        player = new Player{stereo, portspan::callback_at(address, state, std::move(keep_alive))};
    });
    return player;
}
PORTSPAN_EXTERN bool player_start(Player* player) {
    return succeeds([&] { player->start(); });
}
PORTSPAN_EXTERN bool player_stop(Player* player) {
    return succeeds([&] { player->stop(); });
}
/// False too after a callback that has completed or aborted.
PORTSPAN_EXTERN bool player_active(Player* player) {
    bool active = false;
    succeeds([&] { active = player->active(); });
    return active;
}
PORTSPAN_EXTERN void player_close(Player* player) { delete player; }
PORTSPAN_EXTERN const char* player_error() { return reason.c_str(); }
