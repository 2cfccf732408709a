"""Tables, JSON and bar charts of results."""

import datetime
import json
import os
import pathlib
import platform
import subprocess

from testing.builds import ROOT

FOLDER = ROOT / "build" / "bench"


def print_table(results):
    """Prints each of `results` as it comes, and returns them as a list."""
    print(f"{'':28} {'median':>12} {'lowest':>12} {'highest':>12}  {'unit':12} {'floor/peer':>12} {'ratio':>7}  goal")
    printed = []
    for result in results:
        print(_row(result), flush=True)
        printed.append(result)
    return printed


def _row(result):
    if result.fault:
        return f"{result.name:28} {_shortened(result.fault)}"
    return (f"{result.name:28} {_number(result.value):>12} {_number(min(result.values)):>12} "
            f"{_number(max(result.values)):>12}  {result.unit:12} {_number(result.floor):>12} "
            f"{_number(result.ratio):>7}  {_goals(result)}").rstrip()


def _goals(result):
    goals = [] if result.goal is None else [f"{result.goal:,.10g}"]
    if result.ratio_goal is not None:
        goals.append(f"{result.ratio_goal:g} x {result.beside}")
    return " and ".join(goals) + (" met" if result.met else " missed") if goals else ""


def _shortened(fault):
    longest = 160
    return "WRONG: " + (fault if len(fault) <= longest else fault[:longest] + "…")


def write(name, results, scale):
    """Leaves NAME.json, and NAME.png where matplotlib is there; returns the former's path. `scale`: of the workloads."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    document = {
        "machine": _machine(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "scale": scale,
        "results": [_entry(result) for result in results],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    _plot(name, [result for result in results if result.values and result.unit == results[0].unit])
    return path


def _entry(result):
    entry = {
        "name": result.name,
        "value": _rounded(result.value),
        "lowest": _rounded(min(result.values, default=None)),
        "highest": _rounded(max(result.values, default=None)),
        "unit": result.unit,
        result.beside: _rounded(result.floor),
        "ratio": _rounded(result.ratio),
        "goal": result.goal,
        "met": result.met,
    }
    if result.ratio_goal is not None:
        entry["ratio_goal"] = result.ratio_goal
    if result.fault:
        entry["fault"] = result.fault
    return entry


def _rounded(value):
    return None if value is None else round(value, 2)


def _number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"


def _machine():
    """Kind of processor, how many, and how busy it was with other things: what figures depend on."""
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    return {"processor": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load": round(os.getloadavg()[0], 2)}


def _commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.strip() or None


def _plot(name, results):
    """A bar for each of `results`, which have one unit."""
    if not results:
        return
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.5 * len(results)), layout="constrained")
    places = range(len(results))
    values = [result.value for result in results]
    spread = [[result.value - min(result.values) for result in results],
              [max(result.values) - result.value for result in results]]
    axes.barh(places, values, height=0.6, xerr=spread, label="median, lowest to highest")
    floors = [(place, result.floor) for place, result in zip(places, results) if result.floor is not None]
    axes.scatter([floor for _, floor in floors], [place for place, _ in floors], marker="|", s=300, color="black",
                 label="floor")
    axes.set_yticks(places, [result.name for result in results])
    axes.invert_yaxis()
    axes.set_xlabel(results[0].unit)
    axes.set_title(name)
    axes.legend()
    figure.savefig(FOLDER / f"{name}.png", dpi=120)
    pyplot.close(figure)
