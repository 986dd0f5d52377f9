// SPDX-License-Identifier: MIT
// Which PortAudio runs.
#pragma once

#include <portaudio.h>

#include <string>

namespace portspan {

/// The PortAudio that runs, which need not be the one of the portaudio.h that was compiled.
struct Version {
    int major = 0;         ///< 19 in 19.7.0
    int minor = 0;         ///< 7
    int subminor = 0;      ///< 0
    std::string revision;  ///< what PortAudio's build says of its source, such as a Git hash
    std::string text;      ///< "PortAudio V19.7.0-devel, revision unknown"; not to be parsed

    /// As Pa_GetVersion() and paMakeVersionNumber(19, 7, 0), to be compared.
    [[nodiscard]] int number() const noexcept {
        return paMakeVersionNumber(major, minor, subminor);
    }
};

/// Works without a Session; any thread. Throws only where there is no memory.
[[nodiscard]] inline Version portaudio_version() {
    const PaVersionInfo* info = Pa_GetVersionInfo();
    const auto text = [](const char* chars) { return std::string{chars ? chars : ""}; };
    return {.major = info->versionMajor,
            .minor = info->versionMinor,
            .subminor = info->versionSubMinor,
            .revision = text(info->versionControlRevision),
            .text = text(info->versionText)};
}

}  // namespace portspan
