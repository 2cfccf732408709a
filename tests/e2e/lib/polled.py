"""What every polled port has to show, whichever driver is behind it."""

from . import ask, zones
from .load import Dnsperf
from .scenario import expect, expect_equal
from .understudy import Understudy, sanitized

ZONE = "polled.example"
SERVICE_V4, SERVICE_V6 = "192.0.2.53", "2001:db8::53"
KERNEL_V4, KERNEL_V6 = "192.0.2.2", "2001:db8::2"
CLIENT_V4, CLIENT_V6 = "192.0.2.1/24", "2001:db8::1/64"

LOAD_S = 2
HOSTS = 100

# A sanitized worker takes some 20 µs for a packet, and shares two cores with its client.
PLAIN_RATE, SANITIZED_RATE = 20000, 3000


def load_rate():
    return SANITIZED_RATE if sanitized() else PLAIN_RATE


def start(world, namespace, device, *, huge_pages="off", cores="0", **port):
    """A daemon that polls `device` and serves ZONE on it."""
    daemon = Understudy(world, namespace, {
        "workers": {"cores": cores, "idle": "adaptive", "huge-pages": huge_pages},
        "ports": [{"device": device, "addresses": [f"{SERVICE_V4}/24", f"{SERVICE_V6}/64"], **port}],
        "zones": [{"name": ZONE, "file": "polled.zone"}],
    })
    daemon.write("polled.zone", zones.featured(ZONE) + "".join(f"host{number} A 192.0.2.7\n" for number in range(HOSTS)))
    return daemon.start()


def show_answers(world, namespace):
    for address in (SERVICE_V4, SERVICE_V6):
        client = ask.Client(namespace, address)
        with world.step(f"{address}: answers of every kind"):
            expect_equal(len(client.ask(f"www.{ZONE}").answer[0]), 2, "records of www")
            expect_equal(ask.rcode(client.ask(f"nothing.{ZONE}")), "NXDOMAIN")
            expect_equal(ask.rcode(client.ask("elsewhere.example")), "REFUSED")
            expect_equal(ask.flags(client.ask(f"big.{ZONE}", "TXT", payload=1232)), "QR AA TC")
            expect_equal(ask.rcode(client.ask(f"any.wild.{ZONE}")), "NOERROR")
            expect_equal(ask.flags(client.ask(f"host.sub.{ZONE}", payload=1232, do=True)), "QR", "of a referral")
            expect_equal(client.serial(ZONE), 1)
        with world.step(f"{address}: kdig and ping"):
            done = namespace.run("kdig", f"@{address}", f"www.{ZONE}", "A", "+short", "+notcp")
            expect_equal(sorted(done.stdout.split()), ["192.0.2.80", "192.0.2.81"])
            namespace.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "2", "-s", "1400", address)


def show_load(world, namespace, daemon):
    with world.step("dnsperf: every query is answered"):
        load = Dnsperf(world, namespace, SERVICE_V4, questions(), seconds=LOAD_S, rate=load_rate()).finish()
        print(f"        {load.sent} sent, {load.answered} answered")
        expect_equal(load.lost, 0, "queries lost")
        expect(load.sent > LOAD_S * load_rate() // 2, f"only {load.sent} sent")
    with world.step("understudyctl workers: counters match what was sent"):
        show_counters(namespace, daemon)


def questions():
    return [f"host{number}.{ZONE} A" for number in range(HOSTS)]


def show_counters(namespace, daemon):
    client = ask.Client(namespace, SERVICE_V4)
    before = daemon.json("stats")
    for _ in range(30):
        client.ask(f"www.{ZONE}")
    for _ in range(20):
        client.ask(f"nothing.{ZONE}")
    after = daemon.json("stats")
    expect_equal(after["positive"] - before["positive"], 30, "positive")
    expect_equal(after["nxdomain"] - before["nxdomain"], 20, "nxdomain")

    rows = daemon.json("workers")
    for row in rows:
        missing = {"worker", "core", "port", "queue", "busy_percent", "qps", "cycles_per_query", "drops"} - set(row)
        expect(not missing, f"a row of workers has no {sorted(missing)}")
        expect(0 <= row["busy_percent"] <= 100, f"busy_percent {row['busy_percent']}")
    drops = sum(row["drops"].get("transmit_full", 0) for row in rows)
    expect_equal(drops, 0, "packets dropped for want of room to send")
    expect(daemon.ctl("workers")[1].strip(), "no table for people")
