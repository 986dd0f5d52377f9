// SPDX-License-Identifier: MIT
#include <cstdio>
#include <portspan/mock.hpp>

#include "application.hpp"

int main() {
    portspan::mock::Scope audio;
    const Application application;
    audio.pump(100);
    const bool right = audio.open_streams() == 1 && audio.captured() == std::vector(200, 1.0f);
    std::printf("%s\n", right ? "on the mock" : "NOT on the mock");
    return right ? 0 : 1;
}
