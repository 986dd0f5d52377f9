// SPDX-License-Identifier: MIT
// A terminal as a screen and a keyboard, and as it was before in the end, whatever the end is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace run_callback {

/// Whether stderr is a terminal that can be drawn on; a "dumb" one cannot.
[[nodiscard]] bool can_draw();

struct ScreenLine {
    std::string text = {};
    bool is_marked = false;
};

/// stderr's second screen, while the object lives: what the first one shows is left alone, and a
/// terminal whose size changes has nothing half-drawn.
class Screen {
public:
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    struct Size {
        std::size_t columns;
        std::size_t rows;
    };
    /// As it is now.
    [[nodiscard]] static Size size();
    /// From the top left; what does not fit is left out.
    static void draw(const std::vector<ScreenLine>& lines);
};

/// stdin: keys from a terminal, else lines. Nothing is waited for.
class Keyboard {
public:
    Keyboard();
    ~Keyboard();
    Keyboard(const Keyboard&) = delete;
    Keyboard& operator=(const Keyboard&) = delete;

    /// Each key is told at once, and not shown.
    [[nodiscard]] bool has_keys() const noexcept { return kind_ == Kind::keys; }
    /// What was typed since the last call: keys as the terminal sends them, or whole lines.
    [[nodiscard]] std::string take();

private:
    enum class Kind { none, keys, lines };
    Kind kind_ = Kind::none;
    std::string rest_;
};

}  // namespace run_callback
