// SPDX-License-Identifier: MIT
// The microphone through a callback that you change while it sounds: type the name of another one,
// soft_clip say, or of the same one when you have edited and compiled it again. Run it beside
// libquieter.so.
#include <iostream>
#include <portspan/portspan.hpp>
#include <string>

namespace {

portspan::RawCallback load(const std::string& name) {
    // The file may be replaced while its callback is used.
    const auto library = portspan::SharedLibrary::snapshot("lib" + name + ".so");
    return library.callback(name.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
    portspan::Slot<float> slot{load(argc > 1 ? argv[1] : "quieter")};
    portspan::Telemetry telemetry;
    portspan::Stream<float> stream{{.input = {.channels = 2}, .output = {.channels = 2}},
                                   portspan::monitor(slot, telemetry)};
    stream.start();

    std::cout << "Type the name of a callback. Press Enter to stop.\n";
    for (std::string name; std::getline(std::cin, name) && !name.empty();) {
        try {
            slot.exchange(load(name), {.frames = 4800});
        } catch (const portspan::Error& error) {
            std::cout << error.what() << ": the old one goes on\n";
        }
        const portspan::TelemetrySnapshot now = telemetry.snapshot();
        std::cout << 100 * now.load << " % of the time, " << now.deadline_misses << " of "
                  << now.calls << " calls were late\n";
        telemetry.reset();
    }
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
