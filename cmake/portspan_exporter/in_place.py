# SPDX-License-Identifier: MIT
"""A callback that is called with input == output runs code of its own.

Vectorised loops first look whether the buffers overlap, and go sample by sample where they do. That they are the same
is the one way of overlapping that does no harm, and the one that happens: so it is looked for first, and LLVM sees
there that both are one buffer.
"""
import re


def looks_for_overlap(text):
    """The tests that LLVM's vectoriser writes, by the names of their results."""
    return re.search(r"%(found\.conflict|diff\.check|bound0)", text) is not None


def in_place(text, name, types):
    """The same with a new function of that name in front of the old one; `types` are those of its parameters."""
    old = f"{name}.any"
    text, found = re.subn(rf"^define [^\n@]*@{re.escape(name)}(\(.*\)) [^()\n]*\{{$",
                          rf"define internal i32 @{old}\1 alwaysinline {{", text, count=1, flags=re.M)
    if not found:
        return text
    source, target = types[:2]
    call = ", ".join(f"{kind} %{number}" for number, kind in enumerate(types))
    same = ", ".join(f"{kind} %{number if number != 1 else 'same'}" for number, kind in enumerate(types))
    return f"""{text}
define i32 @{name}({call}) {{
begin:
  %same = bitcast {source} %0 to {target}
  %is = icmp eq {target} %same, %1
  br i1 %is, label %here, label %there
here:
  %a = call i32 @{old}({same})
  ret i32 %a
there:
  %b = call i32 @{old}({call})
  ret i32 %b
}}
"""
