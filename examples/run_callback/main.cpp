// SPDX-License-Identifier: MIT
// Runs a compiled PortAudio callback on sound files and sound devices.
#include <sndfile.h>

#include <cstdio>
#include <exception>
#include <new>
#include <portspan/error.hpp>
#include <portspan/version.hpp>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "crash.hpp"
#include "describe.hpp"
#include "devices.hpp"
#include "failure.hpp"
#include "live.hpp"
#include "offline.hpp"
#include "options.hpp"
#include "platform.hpp"
#include "run.hpp"
#include "text.hpp"

namespace {

int fail(int status, const std::string& what) {
    std::fflush(stdout);  // what comes first is to be read first
    std::fprintf(stderr, "run_callback: %s\n", run_callback::printable(what).c_str());
    return status;
}

int run(int argc, char** argv) {
    auto options = run_callback::parse_options(argc, argv);
    if (!options) return 0;
    if (options->version) {
        std::printf("run_callback " RUN_CALLBACK_VERSION "\n%s\n%s\n",
                    portspan::portaudio_version().text.c_str(), sf_version_string());
        return 0;
    }
    if (options->list_devices) {
        run_callback::list_devices(options->json, options->verbose);
        return 0;
    }
    if (!options->describe.empty()) {
        run_callback::describe_library(options->describe);
        return 0;
    }
    if (options->check) {
        run_callback::check_callback(*options);
        return 0;
    }
    run_callback::watch_for_crashes();
    run_callback::describe_crash(options->library, "");
    if (!options->watch.empty()) {
        run_callback::watch_for_interrupts();
        run_callback::run_watched(*options);
        return 0;
    }
    const run_callback::Callback callback{*options};
    run_callback::take_from_callback(callback, *options);
    run_callback::watch_for_interrupts();
    if (options->live()) {
        run_callback::run_live(*options, callback);
    } else {
        run_callback::run_offline(*options, callback);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    int status = 0;
    try {
        status = run(argc, argv);
        run_callback::flush_stdout();
    } catch (const run_callback::Usage& error) {
        status = fail(2, error.what());
    } catch (const run_callback::LongFailure& error) {
        status = fail(1, error.what());
        for (const std::string& line : error.lines) {
            std::fprintf(stderr, "%s\n", run_callback::printable(line).c_str());
        }
    } catch (const std::bad_alloc&) {
        status = fail(1, "not enough memory");
    } catch (const std::length_error&) {
        status = fail(1, "not enough memory");
    } catch (const std::exception& error) {
        status = fail(1, error.what());
    }
    run_callback::expect_exit();
    run_callback::leave(status);
}
