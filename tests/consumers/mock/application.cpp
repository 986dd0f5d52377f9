// SPDX-License-Identifier: MIT
#include "application.hpp"

#include <algorithm>
#include <portspan/portspan.hpp>

struct Application::Parts {
    portspan::OutputStream<float> stream{
        [](auto& block) noexcept { std::ranges::fill(block.output().samples(), 1.0f); }};
};

Application::Application() : parts_(std::make_unique<Parts>()) { parts_->stream.start(); }
Application::~Application() = default;
