"""Zone texts: one with every feature of the protocol, small ones with a version, large ones."""

TIMERS = "3600 900 1209600 300"  # refresh retry expire minimum


def soa(origin, serial, timers=TIMERS):
    return (f"$ORIGIN {origin}.\n$TTL 3600\n"
            f"@ SOA ns1 hostmaster {serial} {timers}\n@ NS ns1\nns1 A 192.0.2.1\nns1 AAAA 2001:db8::1\n")


def versioned(origin, serial, hosts=0, timers=TIMERS):
    """A zone whose `version` TXT holds the serial, with `hosts` further names."""
    names = "".join(f"host{number} A 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\n"
                    for number in range(hosts))
    return f'{soa(origin, serial, timers)}version TXT "{serial}"\nwww A 192.0.2.80\n{names}'


def featured(origin, serial=1):
    """An unsigned zone with one of everything that a query can meet."""
    big = "".join(f'big TXT "{number:03} {"x" * 60}"\n' for number in range(40))
    return soa(origin, serial) + FEATURES + big


FEATURES = r"""
@               NS      ns2.other.example.
@               MX      10 mail
@               MX      20 mail.other.example.
@               TXT     "apex" "two strings"
@               CAA     0 issue "ca.example"
www             A       192.0.2.80
www             A       192.0.2.81
www             AAAA    2001:db8::80
mail            A       192.0.2.25
MixedCase       A       192.0.2.26
short-ttl  60   A       192.0.2.27
escaped\.dot    TXT     "a dot in a label"
\000\255octets  TXT     "any octet in a label"
srv._tcp        SRV     0 5 5060 www
srv._tcp        SRV     0 6 5060 mail
naptr           NAPTR   10 100 "S" "SIP+D2U" "" srv._tcp
unknown         TYPE65280 \# 4 01020304
empty           TYPE65281 \# 0
https           HTTPS   1 . alpn=h2 ipv4hint=192.0.2.80
svc             SVCB    0 https
loc             LOC     52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
ptr             PTR     www
sshfp           SSHFP   1 1 0123456789abcdef0123456789abcdef01234567
; empty non-terminals: b.ent, ent
a.b.ent         A       192.0.2.30
; CNAMEs
alias           CNAME   www
chain1          CNAME   chain2
chain2          CNAME   chain3
chain3          CNAME   www
dangling        CNAME   nothing.here
outside         CNAME   www.other.example.
to-cut          CNAME   host.sub
to-ent          CNAME   ent
to-wild         CNAME   something.wild
loop1           CNAME   loop2
loop2           CNAME   loop1
self            CNAME   self
; wildcards
*.wild          A       192.0.2.40
*.wild          TXT     "wild"
exists.wild     A       192.0.2.41
deep.exists.wild TXT    "below a name that exists"
*.cwild         CNAME   www
*.cwild-nx      CNAME   nowhere
*.mxwild        MX      10 mail
*.nested.wild2  TXT     "inner"
*.wild2         TXT     "outer"
x.*.starred     TXT     "a label * in the middle"
; DNAME
dname           DNAME   target
dname           TXT     "beside a DNAME"
host.target     A       192.0.2.50
dname-out       DNAME   other.example.
to-dname        CNAME   host.dname
; delegations: glue in the child, in a sibling, none needed
sub             NS      ns.sub
sub             NS      ns.sub2
sub             DS      12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.sub          A       192.0.2.60
ns.sub          AAAA    2001:db8::60
host.sub        A       192.0.2.61
sub2            NS      ns.sub2
ns.sub2         A       192.0.2.62
sub3            NS      ns.other.example.
a.deep.sub4     NS      ns1
"""
