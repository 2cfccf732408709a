"""scripts/tune on made-up machines: files of /proc and /sys below a folder, and what tools print."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TUNE = ROOT / "scripts/tune"
CPU = "sys/devices/system/cpu"
PAGES = "sys/devices/system/node/node{}/hugepages/hugepages-2048kB/{}"


class MadeUp:
    """A machine below a folder: two nodes of four physical cores with two threads each, a card on node 1."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "root"
        self.record = pathlib.Path(folder) / "record.json"
        self.put(f"{CPU}/online", "0-15")
        self.put(f"{CPU}/isolated", "")
        for core in range(16):
            self.put(f"{CPU}/cpu{core}/topology/thread_siblings_list", f"{core % 8},{core % 8 + 8}")
            self.put(f"{CPU}/cpu{core}/cpufreq/scaling_governor", "powersave")
        for node, cores in ((0, "0-3,8-11"), (1, "4-7,12-15")):
            self.put(f"sys/devices/system/node/node{node}/cpulist", cores)
            self.put(PAGES.format(node, "nr_hugepages"), "10")
            self.put(PAGES.format(node, "free_hugepages"), "4")
        self.put("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]")
        self.put("sys/class/iommu/dmar0/name", "")
        self.put("sys/module/vfio_pci/version", "")
        self.put("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet")
        self.put("proc/cpuinfo", "vendor_id : GenuineIntel")
        self.put("proc/net/route", "Iface Destination Gateway\neth0 00000000 0100000A\n")
        for irq, cores in ((10, "0-15"), (11, "4"), (12, "0-3")):
            self.put(f"proc/irq/{irq}/smp_affinity_list", cores)
        self.card("0000:01:00.0", "eth0", "igb", 0, 1000)
        self.card("0000:81:00.0", "eth1", "ice", 1, 100000)

    def put(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def get(self, name):
        return (self.root / name).read_text()

    def card(self, address, interface, driver, node, speed):  # pylint: disable=too-many-arguments
        folder = f"sys/bus/pci/devices/{address}"
        self.put(f"{folder}/class", "0x020000\n")
        self.put(f"{folder}/numa_node", f"{node}\n")
        self.put(f"{folder}/net/{interface}/ifindex", "2")
        for side in ("current", "max"):
            self.put(f"{folder}/{side}_link_width", "16")
        os.symlink(f"../../drivers/{driver}", self.root / folder / "driver")
        self.put(f"sys/class/net/{interface}/speed", str(speed))
        self.put(f"sys/class/net/{interface}/operstate", "up")
        self.put(f"commands/ethtool -l {interface}", "Pre-set maximums:\nRX: n/a\nCombined:\t8\n"
                 "Current hardware settings:\nRX: n/a\nCombined:\t2\n")
        self.put(f"commands/ethtool -i {interface}", f"driver: {driver}\nfirmware-version: 4.20 0x8001\n")
        self.put(f"commands/ip -o address show dev {interface} scope global",
                 f"2: {interface}    inet 198.51.100.7/24 brd 198.51.100.255 scope global {interface}\n")

    def tune(self, *words):
        """Exit code and output."""
        done = subprocess.run([TUNE, "--root", self.root, *words], check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        return done.returncode, done.stdout

    def files(self):
        return {file: file.read_text() for file in self.root.rglob("*") if file.is_file()}


class TuneTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = MadeUp(folder.name)

    def finding(self, name, *words):
        """State, and the whole text of one finding of `check`."""
        _, output = self.machine.tune("check", *words)
        found = re.search(rf"^(\w+) +{re.escape(name)}.*(?:\n {{8}}.*)*", output, re.MULTILINE)
        self.assertIsNotNone(found, output)
        return found[1], found[0]


class CheckTest(TuneTest):
    def test_names_state_reason_and_command(self):
        code, output = self.machine.tune("check")
        self.assertEqual(code, 1, output)  # the card is not bound to vfio-pci
        for line in output.splitlines():
            self.assertRegex(line, r"^(ok   |warn |BAD  ) \S.*: \S|^        (why:  |mend: )\S")
        self.assertEqual(output.count("why:"), output.count("mend:"))

    def test_huge_pages_are_those_of_the_cards_node(self):
        # 32 MiB, and 24 for each of four queues, in pages of 2.
        state, text = self.finding("huge pages of node 1")
        self.assertEqual(state, "warn")
        self.assertIn("4 of 10 free, 64 needed", text)
        self.assertIn("echo 70 > /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", text)
        self.machine.put(PAGES.format(1, "free_hugepages"), "64")
        self.assertEqual(self.finding("huge pages of node 1")[0], "ok")

    def test_a_missing_iommu_shares_the_card(self):
        (self.machine.root / "sys/class/iommu/dmar0/name").unlink()
        (self.machine.root / "sys/class/iommu/dmar0").rmdir()
        state, text = self.finding("IOMMU")
        self.assertEqual(state, "warn")
        self.assertIn("intel_iommu=on iommu=pt", text)
        self.assertIn("af_xdp:eth1", self.machine.tune("plan")[1])

    def test_vfio(self):
        self.assertIn("scripts/nic bind 0000:81:00.0", self.finding("VFIO")[1])
        link = self.machine.root / "sys/bus/pci/devices/0000:81:00.0/driver"
        link.unlink()
        link.symlink_to("../../drivers/vfio-pci")
        self.assertEqual(self.finding("VFIO")[0], "ok")
        (self.machine.root / "sys/module/vfio_pci/version").unlink()
        (self.machine.root / "sys/module/vfio_pci").rmdir()
        self.assertIn("modprobe vfio-pci", self.finding("VFIO")[1])

    def test_governor(self):
        state, text = self.finding("governor")
        self.assertEqual(state, "warn")
        self.assertIn("powersave on cores 4-7", text)
        self.machine.put(f"{CPU}/cpu4/cpufreq/scaling_governor", "performance\n")
        self.assertIn("powersave on cores 5-7", self.finding("governor")[1])

    def test_interrupts_on_workers_cores(self):
        _, text = self.finding("interrupts")
        self.assertIn("2 may go to cores 4-7", text)
        self.assertIn("echo 0-3,8-15 > /proc/irq/10/smp_affinity_list", text)
        self.assertIn("echo 0-3,8-15 > /proc/irq/11/smp_affinity_list", text)
        self.assertNotIn("/proc/irq/12/", text)

    def test_smt_and_isolation(self):
        self.assertIn("threads 12-15", self.finding("SMT")[1])
        self.assertEqual(self.finding("isolated cores")[0], "warn")
        self.machine.put(f"{CPU}/isolated", "4-7")
        self.assertEqual(self.finding("isolated cores")[0], "ok")

    def test_link_queues_slot_and_firmware(self):
        self.assertIn("100 Gbit/s", self.finding("link")[1])
        self.assertIn("4.20 0x8001", self.finding("firmware")[1])
        self.machine.put("sys/bus/pci/devices/0000:81:00.0/current_link_width", "4")
        self.assertIn("4 lanes of 16", self.finding("PCI slot")[1])
        self.machine.put("sys/class/net/eth1/operstate", "down")
        self.assertIn("ip link set eth1 up", self.finding("link")[1])
        # The shared card has two queues for one worker.
        self.assertIn("ethtool -L eth0 combined 1", self.finding("queues", "--nic", "eth0", "--workers", "1")[1])

    def test_a_machine_of_which_nothing_is_known(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TUNE, "--root", folder, "check"], check=False, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 1, done.stdout)  # no huge pages in that kernel
        self.assertNotIn("Traceback", done.stdout)


class PlanTest(TuneTest):
    def test_takes_the_fastest_card_that_the_machine_is_not_reached_by(self):
        code, output = self.machine.tune("plan")
        self.assertEqual(code, 0, output)
        self.assertIn('device: "0000:81:00.0"', output)
        self.assertIn('cores: "4-7"', output)
        self.assertIn("isolcpus=managed_irq,domain,4-7 nohz_full=4-7 rcu_nocbs=4-7", output)
        self.assertIn("intel_iommu=on iommu=pt", output)

    def test_shares_the_card_that_the_machine_is_reached_by(self):
        _, output = self.machine.tune("plan", "--nic", "eth0")
        self.assertIn('device: "af_xdp:eth0"', output)
        self.assertIn('"198.51.100.7/24"', output)
        self.assertIn('cores: "1-2"', output)  # two queues; neither core 0 nor its other thread
        self.assertNotIn("iommu", output)

    def test_prefers_isolated_cores(self):
        self.machine.put(f"{CPU}/isolated", "6-7,14-15")
        self.assertIn('cores: "6-7"', self.machine.tune("plan")[1])

    def test_limits_workers(self):
        self.assertIn('cores: "4-5"', self.machine.tune("plan", "--workers", "2")[1])
        code, output = self.machine.tune("plan", "--workers", "9")
        self.assertEqual(code, 1)
        self.assertIn("only 4-7", output)
        self.assertEqual(self.machine.tune("plan", "--workers", "0")[0], 2)

    def test_names_the_cards_there_are(self):
        code, output = self.machine.tune("plan", "--nic", "eth9")
        self.assertEqual(code, 1)
        self.assertIn("0000:01:00.0 (eth0), 0000:81:00.0 (eth1)", output)

    def test_knows_when_the_parameters_are_set(self):
        _, output = self.machine.tune("plan")
        wanted = re.search(r"^#   (.*)$", output, re.MULTILINE)[1]
        self.machine.put("proc/cmdline", f"quiet {wanted}\n")
        self.assertIn("all kernel parameters are set", self.machine.tune("plan")[1])

    def test_what_it_prints_passes_check(self):
        """On a made-up machine with this one's cores: the daemon refuses others."""
        daemon = pathlib.Path(os.environ.get("UNDERSTUDY_PROGRAMS", ROOT / "build")) / "understudyd"
        if not daemon.exists():
            self.skipTest(f"{daemon} is missing")
        cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0)))
        self.machine.put(f"{CPU}/online", cores)
        for node in (0, 1):
            self.machine.put(f"sys/devices/system/node/node{node}/cpulist", cores)
        for words in ((), ("--nic", "eth0"), ("--workers", "1")):
            self.check_passes(daemon, self.machine.tune("plan", *words)[1])
        for card in ("0000:01:00.0", "0000:81:00.0"):
            self.machine.put(f"sys/bus/pci/devices/{card}/class", "0x010000")
        self.check_passes(daemon, self.machine.tune("plan")[1])
        self.check_passes(daemon, subprocess.run([TUNE, "plan"], check=True, text=True, stdout=subprocess.PIPE).stdout)

    def check_passes(self, daemon, text):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([daemon, "--config", file.name, "--check"], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}")


class ApplyTest(TuneTest):
    def apply(self, *words):
        return self.machine.tune("apply", "--record", str(self.machine.record), *words)

    def undo(self):
        return self.machine.tune("undo", "--record", str(self.machine.record))

    def test_dry_run_changes_nothing(self):
        before = self.machine.files()
        code, output = self.apply("--dry-run")
        self.assertEqual(code, 0, output)
        self.assertIn("echo performance > /sys/devices/system/cpu/cpu4/cpufreq/scaling_governor", output)
        self.assertEqual(self.machine.files(), before)
        self.assertFalse(self.machine.record.exists())

    def test_undo_restores_exactly(self):
        before = self.machine.files()
        code, output = self.apply()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.machine.get(f"{CPU}/cpu4/cpufreq/scaling_governor"), "performance")
        self.assertEqual(self.machine.get(f"{CPU}/cpu0/cpufreq/scaling_governor"), "powersave")
        self.assertEqual(self.machine.get("proc/irq/11/smp_affinity_list"), "0-3,8-15")
        self.assertEqual(self.machine.get("sys/kernel/mm/transparent_hugepage/enabled"), "madvise")
        self.assertEqual(self.machine.get(PAGES.format(1, "nr_hugepages")), "70")
        self.assertEqual(self.machine.get(PAGES.format(0, "nr_hugepages")), "10")
        self.assertEqual(self.undo()[0], 0)
        after = self.machine.files()
        # The kernel shows the list of possibilities again; a file shows what was written to it.
        enabled = self.machine.root / "sys/kernel/mm/transparent_hugepage/enabled"
        self.assertEqual(after.pop(enabled), "never")
        before.pop(enabled)
        self.assertEqual(after, before)
        self.assertFalse(self.machine.record.exists())
        self.assertIn("nothing to undo", self.undo()[1])

    def test_twice_is_as_once(self):
        self.apply()
        self.machine.put(f"{CPU}/cpu4/cpufreq/scaling_governor", "ondemand")
        self.apply()
        code, output = self.undo()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.machine.get(f"{CPU}/cpu4/cpufreq/scaling_governor"), "powersave")

    def test_says_what_somebody_changed_meanwhile(self):
        self.apply()
        self.machine.put(f"{CPU}/cpu5/cpufreq/scaling_governor", "ondemand")
        self.assertIn("somebody had made it ondemand", self.undo()[1])
        self.assertEqual(self.machine.get(f"{CPU}/cpu5/cpufreq/scaling_governor"), "powersave")

    def test_what_cannot_be_written_fails_and_is_not_on_record(self):
        broken = self.machine.root / "proc/irq/11/smp_affinity_list"
        read_only = broken.read_text()
        broken.unlink()
        broken.mkdir()  # reading and writing it fails, for root too
        code, _ = self.apply()
        self.assertEqual(code, 0)  # unreadable: it is in nobody's way
        broken.rmdir()
        broken.write_text(read_only)
        self.assertNotIn("/proc/irq/11/smp_affinity_list", [entry["path"] for entry in
                                                            json.loads(self.machine.record.read_text())])


if __name__ == "__main__":
    unittest.main()
