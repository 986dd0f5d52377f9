// SPDX-License-Identifier: MIT
// From a source to a shared library, in other processes.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <portspan/library.hpp>
#include <string>
#include <vector>

#include "options.hpp"
#include "process.hpp"

namespace run_callback {

/// A folder in the one for temporary files, gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// What became of a source.
struct Built {
    std::string error = {};  ///< the compiler's words, or others; empty where there is a library
    std::filesystem::path library = {};
    std::string symbol = {};
    std::vector<std::filesystem::path> depends = {};  ///< files that went into it as well
    std::vector<std::string> notes = {};              ///< what the compiler says all the same
    double seconds = 0;                               ///< 0 where nothing had to be done
    std::shared_ptr<TemporaryFolder> folder = {};  ///< what the library is in, if it is a new one
    bool stopped = false;
};

class Builder {
public:
    Builder() = default;
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;
    virtual ~Builder() = default;
    /// The library of the source as it is now. Throws Failure where no source would help.
    [[nodiscard]] virtual Built build(const Stop& stop) = 0;
};

/// By the name of the source: C or C++ by a compiler, Python by the exporter, anything else is a
/// library. `function`: empty where it is the only one. `seconds`: those a compiler may take.
[[nodiscard]] std::unique_ptr<Builder> builder_for(const std::string& source,
                                                   const std::string& function, double seconds);

/// The functions that could be callbacks, by their names or by what they say of themselves.
[[nodiscard]] std::vector<std::string> callbacks_of(const std::filesystem::path& library);

/// The function that is meant where there is but one that could be a callback; throws Failure.
[[nodiscard]] std::string only_callback(const std::filesystem::path& library,
                                        const std::string& source);

/// Beside this program, as it is installed, or in the sources that it was built of.
[[nodiscard]] std::filesystem::path installed(const std::filesystem::path& beside_program,
                                              const std::filesystem::path& in_sources);

}  // namespace run_callback
