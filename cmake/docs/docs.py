# SPDX-License-Identifier: MIT
"""The documentation: the headers as Doxygen has to see them, each on its page, and Doxygen over them.

    docs.py DOXYGEN DOXYFILE FOLDER
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "portspan"

# The first one is the main page.
PAGES = ["README.md", "examples/coming_from/README.md"]

# Page, its title, what it is about, its headers as patterns below include/portspan/.
GROUPS = [
    ("streams", "Streams", "A callback on the audio thread, and the calls that control it.",
     "stream config device_choice host_info times flags finished session watch watched"),
    ("callbacks", "Callbacks", "Functions of any origin, and what they say about themselves.",
     "callback library loader description describe fit state callback_state state_field "
     "state_layout"),
    ("views", "Views and blocks", "Audio memory as frames and channels of typed samples.",
     "block view interleaved_view planar_view strided sample sample_size byte_view raw_format buffers"),
    ("devices", "Devices", "What PortAudio has found, and what it can do.",
     "device find_device host_api host_api_type supported refresh quiet_start version"),
    ("host", "Host APIs", "What one host API has and PortAudio's common part does not.", "host/*"),
    ("blocking", "Blocking streams, play, record", "Audio without a callback of one's own.",
     "blocking transfer play record play_and_record mapping"),
    ("live", "Live", "Changing and watching a callback while it sounds.",
     "slot cross_fade chain mix fixed_blocks live_state ramp with_state event_queue with_events "
     "mixer mixer_action cue ring_buffer monitor telemetry histogram"),
    ("offline", "Offline", "The same callbacks over arrays, without a device.", "render renderer"),
    ("guards", "Check and guards", "What is wrong with a callback, before and while it is heard.",
     "check check_report guards bound_guards"),
    ("errors", "Errors", "What is thrown, and returned as std::error_code.", "error"),
    ("mock", "Mock", "A PortAudio in memory, scripted by a test. Link `portspan::mock`.", "mock"),
]

# Bases whose members a public class takes over by name: what is detail shows there alone.
BASES = {"StreamHandle": "handle.hpp", "FiniteStream": "finite.hpp"}


# An overload that throws nothing and has no comment of its own stands behind the one that throws.
NOTHROW = (r"(?:template <.*>\n +)?(?:\[\[nodiscard\]\] )?[\w:]+ \w+"
           r"\([^;{]*std::nothrow_t\b")


def group_of(header):
    """The page of a header, None where nobody has put it on one."""
    name = header.relative_to(HEADERS).with_suffix("")
    for group, _, _, patterns in GROUPS:
        if any(name.match(pattern) and len(name.parts) == pattern.count("/") + 1
               for pattern in patterns.split()):
            return group
    return None


def has_public_names(text):
    return re.search(r"^namespace portspan(?!::detail)\b|^struct portspan_", text, re.M) is not None


def declarations(base, name):
    """What `using base::name` means: each declaration of it, with its comment and without a body."""
    lines = (HEADERS / BASES[base]).read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if re.match(rf"class {base}\b", line))
    shown, comment, at = [], [], start + 1
    while not lines[at].startswith("}"):
        line = lines[at]
        at += 1
        if line.startswith("    ///"):
            comment.append(line)
        elif re.match(r"    (template|\[\[|\w).*", line) and not line.startswith("    return"):
            head = [line]
            while not re.search(r"[{;]", head[-1]):
                head.append(lines[at])
                at += 1
            if re.search(rf"\b{name}\(", " ".join(head)):
                shown += comment + head[:-1] + [re.sub(r"\s*(\{.*|;)$", ";", head[-1])]
            comment = []
        elif line == "":
            comment = []
    if not shown:
        raise SystemExit(f"docs.py: {base} has no {name}")
    return shown


def taken_over(using):
    """A using-declaration as what it declares; a base's constructors are what makes the objects."""
    base, name = using.groups()
    if base not in BASES:
        raise SystemExit(f"docs.py: using {base}::{name}: {base} is not among BASES")
    return "" if base == name else "\n".join(declarations(base, name))


def copy_of(path):
    """A page's name among the copies, which are side by side."""
    return str(path).replace("/", "_")


def page(path):
    """Markdown with the anchors that GitHub makes, and links to files where they are."""
    def heading(found):
        anchor = re.sub(r"[^\w -]", "", found[2].lower()).replace(" ", "-")
        return f"{found[1]} {found[2]} {{#{anchor}}}"

    def link(found):
        target = (path.parent / found[1]).resolve()
        if target in (ROOT / other for other in PAGES):
            return f"]({copy_of(target.relative_to(ROOT))})"
        return f"]({target.as_uri()})" if target.exists() else found[0]

    text = re.sub(r"(?m)^(##+) (.*)$", heading, path.read_text(encoding="utf-8"))
    return re.sub(r"\]\(([\w./]+)\)", link, text)


def filtered(header):
    """The header's first comment as the file's, its names on their page, and what `using` says."""
    text = header.read_text(encoding="utf-8")
    opening = f"/** @addtogroup {group_of(header)}\n * @{{ */"
    # Lines for as many lines: warnings have the header's own numbers.
    if header.suffix == ".h":
        text = re.sub(r"\A/\*.*?\*/\n/\* ", "/** @file\n * ", text)
        text = re.sub(r"(?m)^#define PORTSPAN_\w+_H\n", opening, text, count=1) + "/** @} */\n"
    else:
        text = re.sub(r"\A//.*\n((?://.*\n)+)", lambda found: "/// @file\n" +
                      re.sub(r"(?m)^//", "///", found[1]), text)
        text = re.sub(r"(?m)^(namespace portspan(?:::(?!detail)\w+)* \{)\n", rf"\1 {opening}", text)
        text = re.sub(r"(?m)^\}  // namespace portspan(?!::detail)", r"/** @} */ \g<0>", text)
    # What is said to the standard library is no name of portspan's.
    text = re.sub(r"(?m)^template <.*>\n.* std::[\w:]+<portspan::.*;\n", "", text)
    text = re.sub(r"(class .*\S) : private detail::\w+ \{", r"\1 {", text)
    text = re.sub(r"(?m)^    using ([A-Z]\w+)::(\w+);.*$", taken_over, text)
    return re.sub(rf"(?m)(?<=[;{{}}]\n)( +)(?={NOTHROW})",
                  r"\1/// The same; the code of what would be thrown is the result, without its words.\n\1", text)


def groups():
    """The groups' pages, and the examples with their first sentence."""
    for header in sorted(HEADERS.rglob("*.h*")):
        if has_public_names(header.read_text(encoding="utf-8")) and group_of(header) is None:
            raise SystemExit(f"docs.py: {header.relative_to(ROOT)} has public names and is on no page: "
                             "put it into GROUPS")
    text = "/** @namespace portspan\n * @brief PortAudio streams on callbacks of any origin. */\n"
    text += ("/** @namespace portspan::host\n"
             " * @brief What one host API has: settings for an endpoint, questions to a stream. */\n")
    text += "/** @namespace portspan::mock\n * @brief A PortAudio in memory, scripted by a test. */\n"
    for group, title, about, _ in GROUPS:
        text += f"/** @defgroup {group} {title}\n * @brief {about} */\n"
    examples = ROOT / "examples"
    for example in sorted(examples.glob("*.cpp")):
        about = re.match(r"//.*\n((?://.*\n)+)", example.read_text(encoding="utf-8"))[1]
        text += f"/** @example {example.name}\n{about.replace('//', ' *')} */\n"
    return text


def main(arguments):
    doxygen, doxyfile, out = arguments
    folder = pathlib.Path(out)
    # Doxygen reads copies: a filter of its own would be a process for each file, and one that fails
    # is no failure to it.
    copies = folder / "input"
    shutil.rmtree(copies, ignore_errors=True)
    for header in filter(group_of, HEADERS.rglob("*.h*")):
        copy = copies / header.relative_to(HEADERS.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(filtered(header), encoding="utf-8")
    (copies / "groups.dox").write_text(groups(), encoding="utf-8")
    for path in PAGES:
        (copies / copy_of(path)).write_text(page(ROOT / path), encoding="utf-8")
    done = subprocess.run([doxygen, doxyfile], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).replace(str(copies / "portspan"), str(HEADERS))
    sys.stderr.writelines(dict.fromkeys(said.splitlines(keepends=True)))  # it says some things twice
    if done.returncode == 0:
        print(f"The documentation: {folder / 'html' / 'index.html'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
