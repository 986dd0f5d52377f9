// SPDX-License-Identifier: MIT
// Sound files in, WAV and FLAC out, through libsndfile.
#include "audio_file.hpp"

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

std::string lower_extension(const std::string& name) {
    std::string extension = std::filesystem::path{name}.extension().string();
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

bool is_flac(const std::string& name) { return lower_extension(name) == ".flac"; }

int sndfile_format(const std::string& name, Format format) {
    if (is_flac(name)) {
        switch (format) {
            case Format::int16:
                return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
            case Format::int8:
            case Format::uint8:
                return SF_FORMAT_FLAC | SF_FORMAT_PCM_S8;
            default:
                return SF_FORMAT_FLAC | SF_FORMAT_PCM_24;
        }
    }
    switch (format) {
        case Format::float32:
            return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
        case Format::int32:
            return SF_FORMAT_WAV | SF_FORMAT_PCM_32;
        case Format::int24:
            return SF_FORMAT_WAV | SF_FORMAT_PCM_24;
        case Format::int16:
            return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
        default:
            return SF_FORMAT_WAV | SF_FORMAT_PCM_U8;
    }
}

/// "WAV, 16 bit"
std::string format_text(int format) {
    const auto name = [](int code) -> std::string {
        SF_FORMAT_INFO info{};
        info.format = code;
        if (sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) != 0 || !info.name) {
            return "unknown";
        }
        const std::string text = info.name;
        return text.substr(0, text.find(" ("));
    };
    std::string text = name(format & SF_FORMAT_TYPEMASK) + ", ";
    switch (format & SF_FORMAT_SUBMASK) {
        case SF_FORMAT_PCM_S8:
        case SF_FORMAT_PCM_U8:
            return text + "8 bit";
        case SF_FORMAT_PCM_16:
            return text + "16 bit";
        case SF_FORMAT_PCM_24:
            return text + "24 bit";
        case SF_FORMAT_PCM_32:
            return text + "32 bit";
        case SF_FORMAT_FLOAT:
            return text + "float";
        case SF_FORMAT_DOUBLE:
            return text + "double";
        default:
            return text + name(format & SF_FORMAT_SUBMASK);
    }
}

/// libsndfile's words for the last failure, without its prefixes and full stop.
std::string sndfile_error(SNDFILE* file, int system_error) {
    std::string text = sf_strerror(file);
    if (text.starts_with("System error") && system_error != 0) return std::strerror(system_error);
    for (const char* prefix : {"Error : ", "System error : "}) {
        if (text.starts_with(prefix)) text.erase(0, std::strlen(prefix));
    }
    while (!text.empty() && (text.back() == '.' || text.back() == '\n')) text.pop_back();
    return text;
}

}  // namespace

void check_output_name(const std::string& name) {
    const std::string extension = lower_extension(name);
    if (extension != ".wav" && extension != ".flac") {
        throw Usage("--output \"" + name + "\": the name must end in .wav or .flac");
    }
}

AudioReader::AudioReader(const std::string& name) : name_(name) {
    const auto refuse = [&](const std::string& why) {
        throw Failure("cannot read " + name_ + ": " + why);
    };
    std::error_code error;
    if (std::filesystem::is_directory(name_, error)) refuse("it is a folder");
    // A FIFO would have to be waited for, and libsndfile wants to go back in what it reads.
    if (std::filesystem::exists(name_, error) && !std::filesystem::is_regular_file(name_, error)) {
        refuse("it is not a regular file");
    }
    errno = 0;
    file_.reset(sf_open(name_.c_str(), SFM_READ, &info_));
    if (!file_) refuse(sndfile_error(nullptr, errno));
    if (info_.frames == 0) refuse("there is no audio in it");
    channels_ = static_cast<std::size_t>(info_.channels);
}

std::optional<std::uint64_t> AudioReader::frames() const noexcept {
    if (info_.frames < 0 || info_.frames == SF_COUNT_MAX) return std::nullopt;
    return static_cast<std::uint64_t>(info_.frames);
}

std::string AudioReader::description() const {
    return format_text(info_.format) + ", " + count_text(channels_, "channel") + ", " +
           rate_text(info_.samplerate);
}

bool AudioReader::holds_integers() const noexcept {
    switch (info_.format & SF_FORMAT_SUBMASK) {
        case SF_FORMAT_PCM_S8:
        case SF_FORMAT_PCM_U8:
        case SF_FORMAT_PCM_16:
        case SF_FORMAT_PCM_24:
        case SF_FORMAT_PCM_32:
            return true;
        default:
            return false;
    }
}

std::size_t AudioReader::checked(sf_count_t frames) {
    const auto got = static_cast<std::size_t>(std::max<sf_count_t>(frames, 0));
    position_ += got;
    if (sf_error(file_.get()) != SF_ERR_NO_ERROR) {
        throw Failure("cannot read " + name_ + " beyond " +
                      duration_text(static_cast<double>(position_) / info_.samplerate) + ": " +
                      sndfile_error(file_.get(), errno));
    }
    return got;
}

std::size_t AudioReader::read_raw(float* samples, std::size_t frames) {
    return checked(sf_readf_float(file_.get(), samples, static_cast<sf_count_t>(frames)));
}
std::size_t AudioReader::read_raw(double* samples, std::size_t frames) {
    return checked(sf_readf_double(file_.get(), samples, static_cast<sf_count_t>(frames)));
}
std::size_t AudioReader::read_raw(int* samples, std::size_t frames) {
    return checked(sf_readf_int(file_.get(), samples, static_cast<sf_count_t>(frames)));
}

AudioWriter::AudioWriter(const std::string& name, Format format, std::size_t channels,
                         double sample_rate, std::optional<std::uint64_t> frames)
    : name_(name), format_(format), target_(name) {
    if (sample_rate != std::floor(sample_rate)) {
        refuse("a sound file cannot have " + rate_text(sample_rate));
    }
    info_.channels = static_cast<int>(channels);
    info_.samplerate = static_cast<int>(sample_rate);
    info_.format = sndfile_format(name, format);
    if (is_flac(name) && channels > 8) refuse("FLAC has at most 8 channels");
    if (is_flac(name) && sample_rate > 655350) refuse("FLAC has at most 655350 Hz");

    // WAV ends at 4 GiB, RF64 does not; libsndfile makes a WAV file of it where that is enough.
    constexpr double wav_bytes = 4.0e9;
    const double bytes_per_frame = 4.0 * static_cast<double>(channels);
    const bool may_be_large = !frames || static_cast<double>(*frames) * bytes_per_frame > wav_bytes;
    SF_INFO info = info_;
    const bool rf64 = may_be_large && !is_flac(name);
    if (rf64) info.format = SF_FORMAT_RF64 | (info.format & SF_FORMAT_SUBMASK);

    if (sf_format_check(&info) == 0) {
        refuse("libsndfile cannot write " + format_text(info.format) + " with " +
               count_text(channels, "channel"));
    }
    errno = 0;
#if defined(_WIN32)
    file_.reset(sf_open(target_.temporary().string().c_str(), SFM_WRITE, &info));
#else
    file_.reset(sf_open_fd(target_.descriptor(), SFM_WRITE, &info, SF_FALSE));
#endif
    if (!file_) refuse(sndfile_error(nullptr, errno));
    if (rf64) sf_command(file_.get(), SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
    // It holds the time of day: the same audio has to give the same file.
    sf_command(file_.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
    // A float beyond full scale is clipped in an integer file: it would wrap around otherwise.
    sf_command(file_.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
}

std::string AudioWriter::description() const {
    std::string text = format_text(info_.format);
    if (is_flac(name_) && format_ == Format::float32) text += " (FLAC holds no float)";
    if (is_flac(name_) && format_ == Format::int32) text += " (FLAC holds no 32 bit)";
    return text;
}

void AudioWriter::refuse(const std::string& why) const {
    throw Failure("cannot write " + name_ + ": " + why);
}

void AudioWriter::check_written(sf_count_t written, std::size_t wanted) {
    if (written == static_cast<sf_count_t>(wanted)) return;
    refuse(errno != 0 ? std::strerror(errno) : sndfile_error(file_.get(), 0));
}

void AudioWriter::write_raw(const float* samples, std::size_t frames) {
    errno = 0;
    check_written(sf_writef_float(file_.get(), samples, static_cast<sf_count_t>(frames)), frames);
}
void AudioWriter::write_raw(const int* samples, std::size_t frames) {
    errno = 0;
    check_written(sf_writef_int(file_.get(), samples, static_cast<sf_count_t>(frames)), frames);
}

void AudioWriter::finish() {
    errno = 0;
    const int error = sf_close(file_.release());
    if (error != SF_ERR_NO_ERROR)
        refuse(errno != 0 ? std::strerror(errno) : sf_error_number(error));
}

}  // namespace run_callback
