"""Answers a second of this machine by itself: understudyd and understudy-load over memif, in every combination asked for."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from .machine import format_list, parse_list

ROOT = pathlib.Path(__file__).resolve().parents[2]

ZONE, HOSTS = "tune.example", 10_000
SERVICE, SOURCES = "192.0.2.53", "198.18.0.0/15"
START_S, END_S = 20, 5


class MeasureFailed(Exception):
    """What a program said that ended badly."""


def add_arguments(parser):
    parser.add_argument("--workers", type=parse_list, metavar="LIST",
                        help="how many workers, each with a core and a queue (default: 1, 2, 4, … as cores go)")
    parser.add_argument("--bursts", type=parse_list, metavar="LIST", default=[8, 16, 32, 64],
                        help="queries that come at a time (default: 8,16,32,64)")
    parser.add_argument("--cores", type=parse_list, metavar="LIST", help="to use: the first ones for workers, as many "
                        "for the load (default: all of this process)")
    parser.add_argument("--seconds", type=float, default=2, metavar="S", help="of each measurement (default: 2)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the median counts (default: 3)")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build", metavar="FOLDER",
                        help="of understudyd and understudy-load (default: build/)")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/tune", metavar="FOLDER",
                        help="for measure.json and measure.png (default: build/tune)")


def run(options):
    for name in ("understudyd", "understudy-load"):
        if not (options.programs / name).exists():
            print(f"tune: {options.programs / name} is missing: scripts/build", file=sys.stderr)
            return 3
    cores = options.cores or sorted(os.sched_getaffinity(0))
    workers = options.workers or [count for count in (1, 2, 4, 8, 16) if 2 * count <= len(cores)]
    if not workers or max(workers) * 2 > len(cores):
        print(f"tune: {max(workers, default=1)} workers and as many cores for the load want more cores than "
              f"{format_list(cores)}", file=sys.stderr)
        return 1
    try:
        results = list(sweep(options, cores, workers))
    except MeasureFailed as why:
        print(f"tune: {why}", file=sys.stderr)
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "measure.json").write_text(json.dumps(results, indent=1) + "\n")
    plot(results, options.output / "measure.png")
    best = max(results, key=lambda result: result["qps"])
    print(f"best: {best['workers']} workers and queues, bursts of {best['burst']}")
    return 0


def sweep(options, cores, workers):
    print(f"{'workers':>7} {'burst':>7} {'answers/s':>12} {'lowest':>12} {'highest':>12} {'p99 us':>9}")
    for count in workers:
        for burst in options.bursts:
            rounds = [measure_once(options, cores, count, burst) for _ in range(options.rounds)]
            rounds.sort(key=lambda report: report["qps"])
            middle = rounds[len(rounds) // 2]
            result = {"workers": count, "burst": burst, "qps": middle["qps"], "lowest": rounds[0]["qps"],
                      "highest": rounds[-1]["qps"], "p99_us": middle["latency_us"].get("p99")}
            print(f"{count:7} {burst:7} {result['qps']:12,} {result['lowest']:12,} {result['highest']:12,} "
                  f"{result['p99_us']:9.1f}", flush=True)
            yield result


def measure_once(options, cores, workers, burst):
    """A daemon and a load of their own: nothing is left of the measurement before."""
    with tempfile.TemporaryDirectory(prefix="understudy-tune-") as name:
        folder = pathlib.Path(name)
        write_files(folder, cores[:workers])
        with daemon(options.programs / "understudyd", folder):
            return load(options, folder, cores[workers:2 * workers], burst)


def write_files(folder, cores):
    (folder / "zone").write_text(
        f"$ORIGIN {ZONE}.\n$TTL 300\n@ SOA ns h 1 3600 900 604800 300\n@ NS ns\nns A {SERVICE}\n"
        + "".join(f"host{host} A 10.0.{host >> 8}.{host & 255}\n" for host in range(HOSTS)))
    # In an order that is no order, the same each time.
    (folder / "queries").write_text("".join(f"host{host * 7919 % HOSTS}.{ZONE} A\n" for host in range(HOSTS)))
    (folder / "understudy.yaml").write_text(f"""\
server: {{identity: tune, state: state, control: control.sock}}
workers: {{cores: "{format_list(cores)}", idle: busy}}
ports:
  - device: "memif:{folder}/memif.sock,server"
    addresses: ["{SERVICE}/24"]
    queues: {len(cores)}
zones:
  - {{name: {ZONE}, file: zone}}
""")


@contextlib.contextmanager
def daemon(program, folder):
    log = folder / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen([program, "--config", folder / "understudy.yaml"], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_S
        while b"serving" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                raise MeasureFailed(f"understudyd does not serve: {log.read_text()}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def load(options, folder, cores, burst):
    report = folder / "report.json"
    done = subprocess.run(
        [options.programs / "understudy-load", "--device", f"memif:{folder}/memif.sock,client", "--target", SERVICE,
         "--source", SOURCES, "--queries", folder / "queries", "--cores", format_list(cores), "--burst", str(burst),
         "--duration", str(options.seconds), "--json", report, "--quiet"],
        check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=options.seconds + 60)
    if done.returncode != 0:
        raise MeasureFailed(f"understudy-load: exit {done.returncode}: {done.stdout.strip()}")
    return json.loads(report.read_text())


def plot(results, file):
    try:
        import matplotlib
    except ImportError:
        print("no plot: python3-matplotlib is missing")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for workers in sorted({result["workers"] for result in results}):
        chosen = [result for result in results if result["workers"] == workers]
        middle = [result["qps"] for result in chosen]
        spread = [[result["qps"] - result["lowest"] for result in chosen],
                  [result["highest"] - result["qps"] for result in chosen]]
        axes.errorbar([result["burst"] for result in chosen], middle, yerr=spread, marker="o", capsize=3,
                      label=f"{workers} workers")
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("burst")
    axes.set_ylabel("answers a second")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=120)
    print(f"{file.parent}: measure.json, measure.png")
