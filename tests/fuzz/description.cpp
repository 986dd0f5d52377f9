// SPDX-License-Identifier: MIT
// Any 64 bytes as what a callback says about itself, in any stream: refused or right.
#include <portspan/describe.hpp>
#include <portspan/fit.hpp>
#include <portspan/state.hpp>

#include "input.hpp"

namespace {

portspan_description any_description(fuzz::Input& in) {
    auto says = in.any<portspan_description>();
    if (in.flag()) return says;
    // One that is not refused at once, with what matters drawn from the little that there is.
    constexpr std::uint32_t formats[] = {0, 1, 2, 4, 8, 16, 32, 64};
    says.abi_version = PORTSPAN_ABI_VERSION;
    says.size = sizeof says;
    says.input_format = in.one_of(formats);
    says.output_format = in.one_of(formats);
    says.layout = static_cast<std::uint32_t>(in.below(3));
    says.properties = static_cast<std::uint32_t>(in.below(32));
    says.input_channels = static_cast<int>(in.below(5)) - 1;
    says.output_channels = static_cast<int>(in.below(5)) - 1;
    says.largest_block = in.below(4) * 64;
    return says;
}

bool is_format(std::uint32_t format) {
    return format == 0 || format == paFloat32 || format == paInt32 || format == paInt24 ||
           format == paInt16 || format == paInt8 || format == paUInt8;
}

/// As description.h has it.
bool makes_sense(const portspan_description& says) {
    return says.abi_version == 1 && says.size >= 64 && is_format(says.input_format) &&
           is_format(says.output_format) && says.layout <= 2 && says.input_channels >= -1 &&
           says.output_channels >= -1 && (says.properties & 3) != 3;
}

bool side_fits(std::int32_t channels, std::uint32_t format, std::uint32_t layout, std::size_t has,
               PaSampleFormat its_format, std::uint32_t its_layout) {
    if (channels == -1) return true;
    if (has == 0) return channels == 0;
    return (channels == 0 || static_cast<std::size_t>(channels) == has) &&
           (format == 0 || format == its_format) && (layout == 0 || layout == its_layout);
}

bool fits(const portspan_description& says, const portspan::Offer& offer, bool has_state) {
    const std::size_t inputs = offer.shape.input_channels, outputs = offer.shape.output_channels;
    const bool is_played = says.output_channels != -1 || outputs == 0 || offer.in_place;
    const bool in_place = !offer.in_place || (says.properties & PORTSPAN_NOT_IN_PLACE) == 0;
    const bool small_enough =
        says.largest_block == 0 ||
        (offer.frames_per_buffer != 0 && offer.frames_per_buffer <= says.largest_block);
    return makes_sense(says) &&
           side_fits(says.input_channels, says.input_format, says.layout, inputs,
                     offer.input_format, offer.layout) &&
           side_fits(says.output_channels, says.output_format, says.layout, outputs,
                     offer.output_format, offer.layout) &&
           is_played && in_place && small_enough &&
           (has_state || (says.properties & PORTSPAN_NEEDS_STATE) == 0);
}

/// Whether it throws; nothing but an Error, in one line.
template <class Call>
bool is_refused(Call call) {
    try {
        call();
        return false;
    } catch (const portspan::Error& error) {
        const std::string_view words = error.what();
        EXPECT(words.size() > 10 && words.find('\n') == words.npos);
        return true;
    }
}

int run(const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
        void*) {
    return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    const portspan_description says = any_description(in);
    EXPECT(is_refused([&] { portspan::check_description(says, "f"); }) == !makes_sense(says));

    constexpr PaSampleFormat formats[] = {1, 2, 4, 8, 16, 32};
    const portspan::Offer offer{.input_format = in.one_of(formats),
                                .output_format = in.one_of(formats),
                                .layout = 1 + static_cast<std::uint32_t>(in.below(2)),
                                .shape = {in.below(4), in.below(4)},
                                .frames_per_buffer = in.below(4) * 64,
                                .in_place = in.flag()};
    int its_state = 0;
    const portspan::RawCallback callback{
        .function = run, .user_data = in.flag() ? &its_state : nullptr, .description = &says};
    EXPECT(is_refused([&] { portspan::require_fit(callback, offer); }) ==
           !fits(says, offer, callback.user_data));

    const auto bytes = in.any<std::uint64_t>(), hash = in.any<std::uint64_t>();
    const auto differs = [](std::uint64_t a, std::uint64_t b) { return a && b && a != b; };
    EXPECT(
        is_refused([&] { portspan::detail::require_state(callback, bytes, hash); }) ==
        (!makes_sense(says) || differs(says.state_size, bytes) || differs(says.state_hash, hash)));
    if (!makes_sense(says)) return 0;
    const std::string words = portspan::describe(says);
    EXPECT(!words.empty() && words.find('\n') == words.npos);
    const bool is_nothing = !says.input_channels && !says.output_channels && !says.layout &&
                            !says.input_format && !says.output_format && !says.state_size &&
                            !says.largest_block && !(says.properties & 31);
    EXPECT((words == "nothing") == is_nothing);
    return 0;
}
