#!/usr/bin/env python3
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
"""Compare what pflowd -j -r says with the truth of pfsim: judge.py TRUTH
[strict|adaptive|long ACCOUNT]

Each state that a dump showed is reported once.  One that expired has all its
packets and bytes, and one that was removed or is alive those of the last dump
that showed it.  strict: no dump failed or left a state out, so each label is
known as well, and how many states no dump showed.  adaptive: a state may have expired
so much earlier than its timeout that it looks removed.  long: states are made
during a dump, so how many no dump showed is in a range.
"""
import json
import sys


def read_truth(path):
    """Ids and ports are used again, so there may be several of a name."""
    truth = {}
    for line in open(path):
        f = line.split()
        if len(f) < 6:
            continue
        n = [int(v) for v in f[5:14]]
        truth.setdefault(tuple(f[:3]), []).append({
            "how": f[4], "counted": n[0], "final": n[1:5],
            "shown": n[5:9], "dumps": int(f[14])})
    return truth


def wrong(state, label, counters, strict):
    wanted = {"expired": ("exact", "perhaps cut"), "alive": ("alive",)}
    if strict == "adaptive":
        wanted["expired"] += ("cut",)
    if strict and label not in wanted.get(state["how"], (label,)):
        return "%s, but is %s" % (state["how"], label)
    if label == "exact" and counters != state["final"]:
        return "not exact: %s of %s" % (counters, state["final"])
    if counters != state["shown"]:
        return "has %s, last shown %s" % (counters, state["shown"])
    return None


def take(truth, flow):
    """The state that a flow is of, which is not reported again."""
    client = flow["lan" if flow["direction"] == "out" else "ext"]
    name = (str(flow["id"]), flow["direction"], client)
    states = [s for s in truth.get(name, []) if s["dumps"] > 0]
    if not states:
        return name, None
    truth[name].remove(states[0])
    return name, states[0]


def never_seen(path):
    """The range of the account."""
    return [int(line.split()[-1]) for line in open(path)
            if line.startswith("states never seen")]


def in_range(count, strict, bounds):
    """A dump that takes time gives a range, and any other a number."""
    least, most = bounds
    return least <= count <= most and (least == most or strict == "long")


def main(argv):
    truth, labels, faults = read_truth(argv[1]), {}, []
    states = sum(len(same) for same in truth.values())
    for line in sys.stdin:
        flow = json.loads(line)
        if "direction" not in flow:  # pflowctl monitor's count of lost ones
            continue
        name, state = take(truth, flow)
        labels[flow["label"]] = labels.get(flow["label"], 0) + 1
        if state is None:
            faults.append("%s: unknown, or reported twice" % (name,))
            continue
        why = wrong(state, flow["label"],
                    [flow["packets"], flow["packets_back"],
                     flow["bytes"], flow["bytes_back"]],
                    argv[2] if len(argv) > 2 else None)
        if why is not None:
            faults.append("%s: %s" % (name, why))
    unseen = counted = 0
    for name, same in truth.items():
        for state in same:
            unseen += state["dumps"] == 0
            counted += state["dumps"] == 0 and state["counted"]
            if state["dumps"] > 0:
                faults.append("%s: not reported" % (name,))
    if len(argv) > 3 and not in_range(counted, argv[2], never_seen(argv[3])):
        faults.append("%d were not seen, but %s" % (
            counted, never_seen(argv[3])))
    print("\n".join(faults[:10]))
    print("%d states, %d not seen, %s" % (states, unseen, ", ".join(
        "%d %s" % (labels[k], k) for k in sorted(labels))), file=sys.stderr)
    return len(faults) > 0


sys.exit(main(sys.argv))
