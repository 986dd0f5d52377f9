// SPDX-License-Identifier: MIT
// The wave handles behind a WMME stream. Needs pa_win_wmme.h, and before that what declares
// HWAVEIN: <windows.h> and <mmsystem.h>.
#pragma once

#include <pa_win_wmme.h>

#include <vector>

#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

namespace portspan::host {

/// One for each device that the stream records from; the stream's own. Any thread but the
/// callback's; throws Error, paIncompatibleStreamHostApi for a stream that is not of WMME.
template <Opened S>
[[nodiscard]] std::vector<HWAVEIN> wmme_input_handles(const S& stream) {
    constexpr auto call = "PaWinMME_GetStreamInputHandleCount";
    auto* const handle = detail::stream_of(HostApiType::mme, stream, call);
    const auto lock = detail::control_lock();
    const int count = check(PaWinMME_GetStreamInputHandleCount(handle), call);
    std::vector<HWAVEIN> handles;
    for (int index = 0; index < count; ++index) {
        handles.push_back(PaWinMME_GetStreamInputHandle(handle, index));
    }
    return handles;
}
/// The same of the devices that it plays on.
template <Opened S>
[[nodiscard]] std::vector<HWAVEOUT> wmme_output_handles(const S& stream) {
    constexpr auto call = "PaWinMME_GetStreamOutputHandleCount";
    auto* const handle = detail::stream_of(HostApiType::mme, stream, call);
    const auto lock = detail::control_lock();
    const int count = check(PaWinMME_GetStreamOutputHandleCount(handle), call);
    std::vector<HWAVEOUT> handles;
    for (int index = 0; index < count; ++index) {
        handles.push_back(PaWinMME_GetStreamOutputHandle(handle, index));
    }
    return handles;
}

}  // namespace portspan::host
