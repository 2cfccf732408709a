#!/usr/bin/python3
"""Draws a report of understudy-load: the distribution of latencies, and rates over time.

usage: understudy-load-plot REPORT.json FILE.png
       understudy-load-plot --check FILE.png     only says whether FILE.png can be drawn

Exit: 0 done, 1 the report or the file is no good, 2 wrong usage, 3 a package is missing.
"""

import json
import os
import sys


def load_matplotlib():
    try:
        import matplotlib
    except ImportError:
        print("understudy-load-plot: python3-matplotlib is missing: apt-get install python3-matplotlib", file=sys.stderr)
        sys.exit(3)
    matplotlib.use("Agg")
    from matplotlib import pyplot
    return pyplot


def check(target):
    load_matplotlib()
    if not target.endswith((".png", ".svg", ".pdf")):
        sys.exit(f"understudy-load-plot: {target}: a drawing is a .png, .svg or .pdf")
    folder = os.path.dirname(os.path.abspath(target))
    if not os.access(folder, os.W_OK):
        sys.exit(f"understudy-load-plot: {folder} cannot be written")


def draw(source, target):
    pyplot = load_matplotlib()
    try:
        with open(source, encoding="utf-8") as file:
            report = json.load(file)
        histogram, samples = report["latency_histogram"], report["over_time"]
    except (OSError, ValueError, KeyError) as fault:
        sys.exit(f"understudy-load-plot: {source}: no report of understudy-load ({fault})")
    figure, (latency, rate) = pyplot.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    draw_latency(latency, histogram, report["latency_us"])
    draw_rate(rate, samples)
    figure.suptitle(f"{report['qps']:,} answers/s, {report['sent']:,} sent, {report['lost']:,} lost")
    figure.savefig(target, dpi=120)


def draw_latency(axes, histogram, percentiles):
    """The share of answers that took longer: straight lines where a tail is heavy, and the tail in full view."""
    total = sum(count for _, count in histogram)
    left, times, shares = total, [], []
    for microseconds, count in histogram:
        times.append(microseconds)
        shares.append(left / total)
        left -= count
    axes.loglog(times, shares, drawstyle="steps-post")
    for name in ("p50", "p99", "p99.9"):
        if name in percentiles:
            axes.axvline(percentiles[name], color="grey", linewidth=0.5)
            axes.annotate(f"{name} {percentiles[name]:g}", (percentiles[name], 1), rotation=90, fontsize=7, va="top")
    axes.set_xlabel("latency, us")
    axes.set_ylabel("share of answers that took as long or longer")
    axes.grid(alpha=0.3)


def draw_rate(axes, samples):
    pairs = [(before, now) for before, now in zip(samples, samples[1:]) if now["seconds"] > before["seconds"]]
    times = [now["seconds"] for _, now in pairs]
    for key in ("sent", "answered"):
        axes.plot(times, [(now[key] - before[key]) / (now["seconds"] - before["seconds"]) for before, now in pairs],
                  label=key)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("a second")
    axes.legend()
    axes.grid(alpha=0.3)


def main():
    words = sys.argv[1:]
    if len(words) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if words[0] == "--check":
        check(words[1])
    else:
        draw(*words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
