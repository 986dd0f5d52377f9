// SPDX-License-Identifier: MIT
// Views of any shape, over memory that ends where they do, against plain indices.
#include <algorithm>
#include <cstddef>
#include <portspan/buffers.hpp>
#include <portspan/view.hpp>
#include <utility>
#include <vector>

#include "input.hpp"

using portspan::InterleavedView;
using portspan::PlanarView;

namespace {

/// What the samples are, frame by frame.
template <class T>
struct Table {
    std::size_t frames;
    std::size_t channels;
    std::vector<T> samples;

    Table(fuzz::Input& in, std::size_t its_frames, std::size_t its_channels)
        : frames(its_frames), channels(its_channels), samples(frames * channels) {
        for (T& sample : samples) sample = static_cast<T>(in.any<std::int8_t>());
    }
    T& at(std::size_t frame, std::size_t channel) { return samples[frame * channels + channel]; }
};

/// The same samples in memory of either layout.
template <class T>
struct Interleaved {
    std::vector<T> samples;
    InterleavedView<T> view;
    explicit Interleaved(Table<T>& table)
        : samples(table.samples), view(samples.data(), table.frames, table.channels) {}
};
template <class T>
struct Planar {
    std::vector<std::vector<T>> rows;
    std::vector<T*> planes;
    PlanarView<T> view;
    explicit Planar(Table<T>& table) {
        for (std::size_t c = 0; c < table.channels; ++c) {
            std::vector<T>& row = rows.emplace_back();
            for (std::size_t f = 0; f < table.frames; ++f) row.push_back(table.at(f, c));
        }
        for (auto& row : rows) planes.push_back(row.data());
        view = {planes.data(), table.frames, table.channels};
    }
};

template <class T, class View>
void expect_same(Table<T>& table, View view, std::size_t first, std::size_t count) {
    EXPECT(view.frames() == count && view.channels() == table.channels);
    EXPECT(view.empty() == (count == 0));
    for (std::size_t c = 0; c < table.channels; ++c) {
        const auto channel = view.channel(c);
        EXPECT(channel.size() == count);
        std::size_t f = 0;
        for (const auto& sample : channel) {
            EXPECT(sample == table.at(first + f, c));
            EXPECT(&sample == &view(f, c) && &sample == &channel[f]);
            ++f;
        }
        EXPECT(f == count);
        EXPECT(channel.end() - channel.begin() == static_cast<std::ptrdiff_t>(count));
        if (count > 0)
            EXPECT(&channel.front() == &view(0, c) && &channel.back() == &view(count - 1, c));
    }
    if constexpr (requires { view.samples(); }) {
        EXPECT(view.samples().size() == count * table.channels);
        for (std::size_t f = 0; f < count; ++f) {
            EXPECT(view.frame(f).size() == table.channels);
            for (std::size_t c = 0; c < table.channels; ++c) {
                EXPECT(&view.frame(f)[c] == &view(f, c));
                EXPECT(&view.samples()[f * table.channels + c] == &view(f, c));
            }
        }
    }
}

template <class T, class View>
void look_at(fuzz::Input& in, Table<T>& table, View view) {
    expect_same(table, view, 0, table.frames);
    const std::size_t first = in.below(table.frames + 1);
    const std::size_t count = in.below(table.frames - first + 1);
    expect_same(table, view.slice(first, count), first, count);
    const std::size_t inner = in.below(count + 1);
    expect_same(table, view.slice(first, count).slice(inner, count - inner), first + inner,
                count - inner);
    if (table.channels == 2) expect_same(table, view.template with_channels<2>(), 0, table.frames);
    if (count == 0 || table.channels == 0) return;
    const auto channel = view.slice(first, count).channel(in.below(table.channels));
    const auto there = in.below(count), here = in.below(count);
    const auto distance = static_cast<std::ptrdiff_t>(there) - static_cast<std::ptrdiff_t>(here);
    auto place = channel.begin() + static_cast<std::ptrdiff_t>(here);
    EXPECT(&place[distance] == &channel[there]);
    place += distance;
    EXPECT(&*place == &channel[there] && (place == channel.begin()) == (there == 0));
}

/// What copy_through() is to make of the output.
template <class T>
void copy(Table<T>& from, Table<T>& to) {
    for (std::size_t f = 0; f < to.frames; ++f) {
        for (std::size_t c = 0; c < to.channels; ++c) {
            const bool is_there = f < from.frames && c < from.channels;
            to.at(f, c) = is_there ? from.at(f, c) : portspan::silence<T>;
        }
    }
}

template <class T, template <class> class Layout>
void copy_through(Table<T> from, Table<T> to) {
    const Layout<T> input{from};
    const Layout<T> output{to};
    portspan::detail::copy_through(input.view, output.view);
    expect_same(from, input.view, 0, from.frames);
    copy(from, to);
    expect_same(to, output.view, 0, to.frames);
    portspan::detail::fill_silence(output.view);
    for (T& sample : to.samples) sample = portspan::silence<T>;
    expect_same(to, output.view, 0, to.frames);
}

template <class T>
void look(fuzz::Input& in) {
    const std::size_t frames = in.below(40), channels = in.below(9);
    const bool same_shape = in.flag();
    const std::size_t other_frames = same_shape ? frames : in.below(40);
    const std::size_t other_channels = same_shape ? channels : in.below(9);
    Table<T> table{in, frames, channels}, other{in, other_frames, other_channels};
    const Interleaved<T> interleaved{table};
    const Planar<T> planar{table};
    look_at(in, table, interleaved.view);
    look_at(in, table, InterleavedView<const T>{interleaved.view});
    look_at(in, table, planar.view);
    look_at(in, table, PlanarView<const T>{planar.view});
    const std::size_t left_over = channels == 0 ? 0 : in.below(channels);
    std::vector<T> more(table.samples);
    more.resize(more.size() + left_over);
    const InterleavedView<T> whole{std::span<T>{more}, channels};
    EXPECT(whole.frames() == (channels == 0 ? 0 : frames));
    if (channels == 0 || other_channels == 0) return;  // no direction of a stream
    copy_through<T, Interleaved>(table, other);
    copy_through<T, Planar>(table, other);
}

/// Bytes of a format that is known when the program runs: the same bytes, cut otherwise.
void look_at_bytes(fuzz::Input& in) {
    const std::size_t frames = in.below(20), channels = in.below(5), size = 1 + in.below(9);
    std::vector<std::byte> memory(frames * channels * size);
    for (std::byte& byte : memory) byte = in.any<std::byte>();
    std::vector<std::vector<std::byte>> rows(channels, std::vector<std::byte>(frames * size));
    std::vector<std::byte*> planes;
    for (auto& row : rows) planes.push_back(row.data());
    const portspan::InterleavedBytes<std::byte> interleaved{memory.data(), frames, channels, size};
    const portspan::PlanarBytes<std::byte> planar{planes.data(), frames, channels, size};
    const std::size_t first = in.below(frames + 1), count = in.below(frames - first + 1);
    for (std::size_t f = 0; f < frames; ++f) {
        for (std::size_t c = 0; c < channels; ++c) {
            const auto sample = interleaved(f, c);
            EXPECT(sample.data() == memory.data() + (f * channels + c) * size);
            EXPECT(sample.size() == size);
            EXPECT(planar(f, c).data() == rows[c].data() + f * size && planar(f, c).size() == size);
            std::ranges::copy(sample, planar(f, c).begin());
            if (f < first || f >= first + count) continue;
            EXPECT(interleaved.slice(first, count)(f - first, c).data() == sample.data());
            EXPECT(planar.slice(first, count)(f - first, c).data() == planar(f, c).data());
        }
    }
    const auto filled = interleaved.slice(first, count);
    portspan::detail::fill_silence(filled);
    portspan::detail::fill_silence(planar.slice(first, count));
    EXPECT(std::ranges::all_of(filled.bytes(), [](std::byte b) { return b == std::byte{}; }));
    for (std::size_t f = 0; f < frames; ++f) {
        for (std::size_t c = 0; c < channels; ++c) {
            EXPECT(std::ranges::equal(interleaved(f, c), planar(f, c)));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    switch (in.below(4)) {
        case 0:
            look<float>(in);
            break;
        case 1:
            look<portspan::Int24>(in);
            break;
        case 2:
            look<std::uint8_t>(in);
            break;
        default:
            look_at_bytes(in);
    }
    return 0;
}
