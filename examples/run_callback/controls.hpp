// SPDX-License-Identifier: MIT
// Keys and lines that turn a callback's numbers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "parameters.hpp"
#include "terminal.hpp"
#include "watcher.hpp"

namespace run_callback {

class Controls {
public:
    explicit Controls(std::shared_ptr<Parameters> parameters)
        : parameters_(std::move(parameters)) {}

    /// Does what was typed since the last call, and adds what is to be said about it; false where
    /// the program is to end.
    [[nodiscard]] bool attend(std::vector<News>& news);
    /// The number that + and - turn.
    [[nodiscard]] std::size_t selected() const noexcept { return selected_; }
    [[nodiscard]] bool has_keys() const noexcept { return keyboard_.has_keys(); }

private:
    bool do_keys(std::string_view keys);
    bool do_line(const std::string& line, std::vector<News>& news);
    void select(std::size_t place);

    std::shared_ptr<Parameters> parameters_;
    Keyboard keyboard_;
    std::size_t selected_ = 0;
};

}  // namespace run_callback
