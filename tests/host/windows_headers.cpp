// SPDX-License-Identifier: MIT
// Compiled for Windows only: the headers of its host APIs beside windows.h and its macros.
#include <windows.h>  // before the next

#include <mmsystem.h>

#include <portspan/host/asio.hpp>
#include <portspan/host/direct_sound.hpp>
#include <portspan/host/wasapi.hpp>
#include <portspan/host/wasapi_device.hpp>
#include <portspan/host/wasapi_stream.hpp>
#include <portspan/host/wdmks.hpp>
#include <portspan/host/wmme.hpp>
#include <portspan/host/wmme_stream.hpp>
#include <portspan/portspan.hpp>

using namespace portspan;

void settings_and_functions() {
    OutputStream<float> stream{
        {.output = {.host_info = host::Wasapi{.exclusive = true,
                                              .thread_priority = eThreadPriorityProAudio}}},
        [](auto&) {}};
    (void)host::wasapi_frames_per_host_buffer(stream);
    (void)host::wmme_output_handles(stream);
    const HostInfo infos[]{host::Asio{.channel_selectors = {1, 0}},
                           host::Wmme{.devices = {{.device = 1, .channelCount = 2}}},
                           host::DirectSound{.frames_per_buffer = 512ul},
                           host::Wdmks{.packets = 4}};
    (void)infos;
}
