// SPDX-License-Identifier: MIT
// The picture of a run: well-formed, complete, self-contained.
#include <cctype>
#include <string_view>

#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Folder;
using program::Result;
using program::run;

namespace {

/// Whether a tag is a name and then nothing but name="value", and maybe a slash.
bool attributes_are_right(std::string_view tag) {
    if (tag.ends_with('/')) tag.remove_suffix(1);
    const auto skip = [&](auto belongs) {
        std::size_t count = 0;
        while (count < tag.size() && belongs(static_cast<unsigned char>(tag[count]))) ++count;
        tag.remove_prefix(count);
        return count;
    };
    const auto name = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == ':'; };
    if (skip(name) == 0) return false;
    while (!tag.empty()) {
        if (skip([](unsigned char c) { return std::isspace(c); }) == 0) return tag.empty();
        if (skip(name) == 0 || !tag.starts_with("=\"")) return false;
        tag.remove_prefix(2);
        skip([](unsigned char c) { return c != '"' && c != '<' && c != '&'; });
        if (!tag.starts_with('"')) return false;
        tag.remove_prefix(1);
    }
    return true;
}

/// What is wrong with an XML document as far as this program could get it wrong; empty: nothing.
std::string xml_mistake(std::string_view xml) {
    std::vector<std::string> open;
    bool had_root = false;
    while (!xml.empty()) {
        if (xml.front() != '<') {
            const std::string_view text = xml.substr(0, xml.find('<'));
            for (std::size_t i = 0; i < text.size(); ++i) {
                const auto c = static_cast<unsigned char>(text[i]);
                if (c < 0x20 && c != '\n') return "a control character";
                if (open.empty() && !std::isspace(c)) return "text outside the root";
                if (c != '&') continue;
                const std::string entity{text.substr(i, text.find(';', i) - i + 1)};
                if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" &&
                    entity != "&quot;") {
                    return "the entity " + entity;
                }
            }
            xml.remove_prefix(text.size());
            continue;
        }
        const std::size_t end = xml.find('>');
        if (end == std::string_view::npos) return "a tag without an end";
        const std::string tag{xml.substr(1, end - 1)};
        xml.remove_prefix(end + 1);
        if (tag.starts_with("?")) continue;
        const std::string name =
            tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
        if (tag[0] == '/') {
            if (open.empty() || open.back() != tag.substr(1)) return "the end of " + tag;
            open.pop_back();
            continue;
        }
        if (open.empty() && had_root) return "a second root";
        had_root = true;
        if (!attributes_are_right(tag)) return "the tag " + tag.substr(0, 80);
        if (tag.back() != '/') open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    }
    if (!open.empty()) return "no end of " + open.back();
    return had_root ? "" : "no root";
}

std::string report_of(const Folder& folder, std::vector<std::string> arguments) {
    const std::string name = folder / "report.svg";
    arguments.insert(arguments.end(), {"--report", name});
    const Result result = run(arguments);
    INFO(result.err);
    REQUIRE(result.status == 0);
    std::string svg = sound::bytes(name);
    CHECK(xml_mistake(svg) == "");
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
    CHECK(svg.find("href") == std::string::npos);
    return svg;
}

}  // namespace

TEST_CASE("The check of XML finds what is wrong") {
    CHECK(xml_mistake("<?xml version=\"1.0\"?>\n<a b=\"1\"><c/>x &amp; y</a>\n") == "");
    CHECK(xml_mistake("<a><b></a></b>") != "");
    CHECK(xml_mistake("<a>x & y</a>") != "");
    CHECK(xml_mistake("<a b=1></a>") != "");
    CHECK(xml_mistake("<a>") != "");
    CHECK(xml_mistake("<a></a><b></b>") != "");
    CHECK(xml_mistake("<a>\x01</a>") != "");
    CHECK(xml_mistake("") != "");
}

TEST_CASE("A report shows both waveforms, their levels and the times against the deadline") {
    const Folder folder;
    sound::write(folder / "in.wav", {1, 48000, sound::wav_float, std::vector<float>(48000, 0.5f)});
    const std::string svg = report_of(
        folder, {FIXTURE, "half_mono", "--input", folder / "in.wav", "--output", folder / "o.wav"});
    for (const char* part : {"<svg xmlns=\"http://www.w3.org/2000/svg\"",
                             ".so:half_mono<",
                             "<g id=\"before\">",
                             "<g id=\"after\">",
                             "<g id=\"times\">",
                             "class=\"peaks\"",
                             "class=\"energy\"",
                             "class=\"bar\"",
                             "peak -6.0 dBFS, RMS -6.0 dBFS",
                             "peak -12.0 dBFS",
                             "before: ",
                             "in.wav",
                             "after: ",
                             "o.wav",
                             "amplitude",
                             "time in s",
                             "time of one call",
                             "calls",
                             ">median ",
                             ">worst ",
                             "deadline 5.33 ms, 256 frames",
                             "1.000 s in 188 calls"}) {
        CHECK_THAT(svg, ContainsSubstring(part));
    }
    CHECK(folder.names() == std::set<std::string>{"in.wav", "o.wav", "report.svg"});
}

TEST_CASE("Silence, a single block, no input and no output have a report, too") {
    const Folder folder;
    sound::write(folder / "in.wav", {1, 48000, sound::wav_float, std::vector<float>(480, 0.f)});
    const std::string silent =
        report_of(folder, {FIXTURE, "half_mono", "--input", folder / "in.wav"});
    CHECK_THAT(silent, ContainsSubstring(">silence<"));
    sound::write(folder / "one.wav", {1, 48000, sound::wav_float, {0.5f}});
    CHECK_THAT(report_of(folder, {FIXTURE, "half_mono", "--input", folder / "one.wav"}),
               ContainsSubstring("in 1 call<"));
    CHECK_THAT(report_of(folder, {FIXTURE, "count_frames", "--seconds", "1"}),
               ContainsSubstring(">no input<"));
    CHECK_THAT(report_of(folder, {FIXTURE, "not_a_number", "--seconds", "1", "--channels", "1"}),
               ContainsSubstring("1 sample not finite"));
}

TEST_CASE("A report of a long run is no larger than one of a short run") {
    const Folder folder;
    const auto size = [&](const char* seconds) {
        return report_of(folder, {FIXTURE, "count_frames", "--seconds", seconds}).size();
    };
    const auto small = size("2");
    CHECK(size("600") < 2 * small);
}

TEST_CASE("A name cannot break the report") {
    const Folder folder;
    const std::string name = folder / "a <b> & \"c\" \xff.wav";
    sound::write(name, {1, 48000, sound::wav_float, sound::noise(1000)});
    CHECK_THAT(report_of(folder, {FIXTURE, "half_mono", "--input", name}),
               ContainsSubstring("a &lt;b&gt; &amp; &quot;c&quot; ?.wav"));
}
