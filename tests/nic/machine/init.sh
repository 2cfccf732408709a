#!/bin/busybox sh
# The guest's first process: makes the machine ready, then runs what comes over the second serial line, a command a line,
# and answers each with "EXIT-CODE OCTETS" and its output.
/bin/busybox --install -s /bin
export PATH=/bin
chmod 755 / # DPDK takes no drivers from where anybody may write
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do
    insmod "/modules/$module.ko"
done
echo "$(cat /etc/huge-pages)" >/proc/sys/vm/nr_hugepages
# Duplicate address detection would keep IPv6 addresses unusable for a second.
sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
ip link set lo up
for device in /sys/bus/pci/devices/*; do
    if [ "$(cat "$device/class")" = 0x020000 ]; then
        echo vfio-pci >"$device/driver_override"
        echo "${device##*/}" >/sys/bus/pci/drivers_probe
    fi
done
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo "guest: ready"
while read -r line <&3; do
    sh -c "$line" >/tmp/output 2>&1 </dev/null
    echo "$? $(wc -c </tmp/output)" >&3
    cat /tmp/output >&3
done
