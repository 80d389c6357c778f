//! The names of ports, as `/etc/services` of a Debian system lists them (netbase 6.4).
//! Knows nothing about what a service does.

/// The protocols of an entry: TCP, UDP or both.
type Protocols = u8;
const TCP: Protocols = 1;
const UDP: Protocols = 2;
const BOTH: Protocols = TCP | UDP;

/// Port, protocols, and the name with its aliases; in order of the port.
const SERVICES: &[(u16, Protocols, &str)] = &[
    (1, TCP, "tcpmux"),
    (7, BOTH, "echo"),
    (9, BOTH, "discard sink null"),
    (11, TCP, "systat users"),
    (13, BOTH, "daytime"),
    (15, TCP, "netstat"),
    (17, TCP, "qotd quote"),
    (19, BOTH, "chargen ttytst source"),
    (20, TCP, "ftp-data"),
    (21, TCP, "ftp"),
    (21, UDP, "fsp fspd"),
    (22, TCP, "ssh"),
    (23, TCP, "telnet"),
    (25, TCP, "smtp mail"),
    (37, BOTH, "time timserver"),
    (43, TCP, "whois nicname"),
    (49, BOTH, "tacacs"),
    (53, BOTH, "domain"),
    (67, UDP, "bootps"),
    (68, UDP, "bootpc"),
    (69, UDP, "tftp"),
    (70, TCP, "gopher"),
    (79, TCP, "finger"),
    (80, TCP, "http www"),
    (88, BOTH, "kerberos kerberos5 krb5 kerberos-sec"),
    (102, TCP, "iso-tsap tsap"),
    (104, TCP, "acr-nema dicom"),
    (106, TCP, "poppassd"),
    (110, TCP, "pop3 pop-3"),
    (111, BOTH, "sunrpc portmapper"),
    (113, TCP, "auth authentication tap ident"),
    (119, TCP, "nntp readnews untp"),
    (123, UDP, "ntp"),
    (135, TCP, "epmap loc-srv"),
    (137, UDP, "netbios-ns"),
    (138, UDP, "netbios-dgm"),
    (139, TCP, "netbios-ssn"),
    (143, TCP, "imap2 imap"),
    (161, BOTH, "snmp"),
    (162, BOTH, "snmp-trap snmptrap"),
    (163, BOTH, "cmip-man"),
    (164, BOTH, "cmip-agent"),
    (174, TCP, "mailq"),
    (177, UDP, "xdmcp"),
    (179, TCP, "bgp"),
    (199, TCP, "smux"),
    (209, TCP, "qmtp"),
    (210, TCP, "z3950 wais"),
    (213, UDP, "ipx"),
    (319, UDP, "ptp-event"),
    (320, UDP, "ptp-general"),
    (345, TCP, "pawserv"),
    (346, TCP, "zserv"),
    (369, BOTH, "rpc2portmap"),
    (370, BOTH, "codaauth2"),
    (371, UDP, "clearcase Clearcase"),
    (389, BOTH, "ldap"),
    (427, BOTH, "svrloc"),
    (443, BOTH, "https"),
    (444, TCP, "snpp"),
    (445, TCP, "microsoft-ds"),
    (464, BOTH, "kpasswd"),
    (465, TCP, "submissions ssmtp smtps urd"),
    (487, TCP, "saft"),
    (500, UDP, "isakmp"),
    (512, TCP, "exec"),
    (512, UDP, "biff comsat"),
    (513, TCP, "login"),
    (513, UDP, "who whod"),
    (514, TCP, "shell cmd syslog"),
    (514, UDP, "syslog"),
    (515, TCP, "printer spooler"),
    (517, UDP, "talk"),
    (518, UDP, "ntalk"),
    (520, UDP, "route router routed"),
    (538, BOTH, "gdomap"),
    (540, TCP, "uucp uucpd"),
    (543, TCP, "klogin"),
    (544, TCP, "kshell krcmd"),
    (546, UDP, "dhcpv6-client"),
    (547, UDP, "dhcpv6-server"),
    (548, TCP, "afpovertcp"),
    (554, BOTH, "rtsp"),
    (563, TCP, "nntps snntp"),
    (587, TCP, "submission"),
    (607, TCP, "nqs"),
    (623, UDP, "asf-rmcp"),
    (628, TCP, "qmqp"),
    (631, TCP, "ipp"),
    (636, BOTH, "ldaps"),
    (646, BOTH, "ldp"),
    (655, BOTH, "tinc"),
    (706, TCP, "silc"),
    (749, TCP, "kerberos-adm"),
    (750, BOTH, "kerberos4 kerberos-iv kdc"),
    (751, UDP, "kerberos-master kerberos_master"),
    (751, TCP, "kerberos-master"),
    (752, UDP, "passwd-server passwd_server"),
    (754, TCP, "krb-prop krb_prop krb5_prop hprop"),
    (775, TCP, "moira-db moira_db"),
    (777, TCP, "moira-update moira_update"),
    (779, UDP, "moira-ureg moira_ureg"),
    (783, TCP, "spamd"),
    (853, BOTH, "domain-s"),
    (871, TCP, "supfilesrv"),
    (873, TCP, "rsync"),
    (989, TCP, "ftps-data"),
    (990, TCP, "ftps"),
    (992, TCP, "telnets"),
    (993, TCP, "imaps"),
    (995, TCP, "pop3s"),
    (1080, TCP, "socks"),
    (1093, TCP, "proofd"),
    (1094, TCP, "rootd"),
    (1099, TCP, "rmiregistry"),
    (1127, TCP, "supfiledbg"),
    (1178, TCP, "skkserv"),
    (1194, BOTH, "openvpn"),
    (1210, UDP, "predict"),
    (1236, TCP, "rmtcfg"),
    (1313, TCP, "xtel"),
    (1314, TCP, "xtelw"),
    (1352, TCP, "lotusnote lotusnotes"),
    (1433, TCP, "ms-sql-s"),
    (1434, UDP, "ms-sql-m"),
    (1524, TCP, "ingreslock"),
    (1645, BOTH, "datametrics old-radius"),
    (1646, BOTH, "sa-msg-port old-radacct"),
    (1649, TCP, "kermit"),
    (1677, TCP, "groupwise"),
    (1701, UDP, "l2f l2tp"),
    (1812, BOTH, "radius"),
    (1813, BOTH, "radius-acct radacct"),
    (2000, TCP, "cisco-sccp"),
    (2049, BOTH, "nfs"),
    (2086, BOTH, "gnunet"),
    (2101, BOTH, "rtcm-sc104"),
    (2102, UDP, "zephyr-srv"),
    (2103, UDP, "zephyr-clt"),
    (2104, UDP, "zephyr-hm"),
    (2119, TCP, "gsigatekeeper"),
    (2121, TCP, "iprop"),
    (2135, TCP, "gris"),
    (2401, TCP, "cvspserver"),
    (2430, BOTH, "venus"),
    (2431, BOTH, "venus-se"),
    (2432, BOTH, "codasrv"),
    (2433, BOTH, "codasrv-se"),
    (2583, BOTH, "mon"),
    (2600, TCP, "zebrasrv"),
    (2601, TCP, "zebra"),
    (2602, TCP, "ripd"),
    (2603, TCP, "ripngd"),
    (2604, TCP, "ospfd"),
    (2605, TCP, "bgpd"),
    (2606, TCP, "ospf6d"),
    (2607, TCP, "ospfapi"),
    (2608, TCP, "isisd"),
    (2628, TCP, "dict"),
    (2792, TCP, "f5-globalsite"),
    (2811, TCP, "gsiftp"),
    (2947, TCP, "gpsd"),
    (3050, TCP, "gds-db gds_db"),
    (3130, UDP, "icpv2 icp"),
    (3205, BOTH, "isns"),
    (3260, TCP, "iscsi-target"),
    (3306, TCP, "mysql"),
    (3389, TCP, "ms-wbt-server"),
    (3493, BOTH, "nut"),
    (3632, TCP, "distcc"),
    (3689, TCP, "daap"),
    (3690, TCP, "svn subversion"),
    (4031, TCP, "suucp"),
    (4094, TCP, "sysrqd"),
    (4190, TCP, "sieve"),
    (4353, TCP, "f5-iquery"),
    (4369, TCP, "epmd"),
    (4373, TCP, "remctl"),
    (4460, TCP, "ntske"),
    (4500, UDP, "ipsec-nat-t"),
    (4557, TCP, "fax"),
    (4559, TCP, "hylafax"),
    (4569, UDP, "iax"),
    (4691, TCP, "mtn"),
    (4899, TCP, "radmin-port"),
    (4949, TCP, "munin lrrd"),
    (5060, BOTH, "sip"),
    (5061, BOTH, "sip-tls"),
    (5222, TCP, "xmpp-client jabber-client"),
    (5269, TCP, "xmpp-server jabber-server"),
    (5308, TCP, "cfengine"),
    (5353, UDP, "mdns"),
    (5432, TCP, "postgresql postgres"),
    (5555, UDP, "rplay"),
    (5556, TCP, "freeciv rptp"),
    (5666, TCP, "nrpe"),
    (5667, TCP, "nsca"),
    (5671, TCP, "amqps"),
    (5672, TCP, "amqp"),
    (5680, TCP, "canna"),
    (6000, TCP, "x11 x11-0"),
    (6001, TCP, "x11-1"),
    (6002, TCP, "x11-2"),
    (6003, TCP, "x11-3"),
    (6004, TCP, "x11-4"),
    (6005, TCP, "x11-5"),
    (6006, TCP, "x11-6"),
    (6007, TCP, "x11-7"),
    (6346, BOTH, "gnutella-svc"),
    (6347, BOTH, "gnutella-rtr"),
    (6379, TCP, "redis"),
    (6444, TCP, "sge-qmaster sge_qmaster"),
    (6445, TCP, "sge-execd sge_execd"),
    (6446, TCP, "mysql-proxy"),
    (6514, TCP, "syslog-tls"),
    (6566, TCP, "sane-port sane saned"),
    (6667, TCP, "ircd"),
    (6696, UDP, "babel"),
    (6697, TCP, "ircs-u"),
    (7000, TCP, "bbs"),
    (7000, UDP, "afs3-fileserver"),
    (7001, UDP, "afs3-callback"),
    (7002, UDP, "afs3-prserver"),
    (7003, UDP, "afs3-vlserver"),
    (7004, UDP, "afs3-kaserver"),
    (7005, UDP, "afs3-volser"),
    (7007, UDP, "afs3-bos"),
    (7008, UDP, "afs3-update"),
    (7009, UDP, "afs3-rmtsys"),
    (7100, TCP, "font-service xfs"),
    (8021, TCP, "zope-ftp"),
    (8080, TCP, "http-alt webcache"),
    (8081, TCP, "tproxy"),
    (8088, TCP, "omniorb"),
    (8140, TCP, "puppet"),
    (8990, TCP, "clc-build-daemon"),
    (9098, TCP, "xinetd"),
    (9101, TCP, "bacula-dir"),
    (9102, TCP, "bacula-fd"),
    (9103, TCP, "bacula-sd"),
    (9418, TCP, "git"),
    (9667, TCP, "xmms2"),
    (9673, TCP, "zope"),
    (10000, TCP, "webmin"),
    (10050, TCP, "zabbix-agent"),
    (10051, TCP, "zabbix-trapper"),
    (10080, TCP, "amanda"),
    (10081, TCP, "kamanda"),
    (10082, TCP, "amandaidx"),
    (10083, TCP, "amidxtape"),
    (10809, TCP, "nbd"),
    (11112, TCP, "dicom"),
    (11371, TCP, "hkp"),
    (17001, UDP, "sgi-cmsd"),
    (17002, UDP, "sgi-crsd"),
    (17003, UDP, "sgi-gcd"),
    (17004, TCP, "sgi-cad"),
    (17500, TCP, "db-lsp"),
    (22125, TCP, "dcap"),
    (22128, TCP, "gsidcap"),
    (22273, TCP, "wnn6"),
    (24554, TCP, "binkp"),
    (27374, BOTH, "asp"),
    (30865, TCP, "csync2"),
    (57000, TCP, "dircproxy"),
    (60177, TCP, "tfido"),
    (60179, TCP, "fido"),
];

/// Which transport protocol a port belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    fn bit(self) -> Protocols {
        match self {
            Self::Tcp => TCP,
            Self::Udp => UDP,
        }
    }
}

/// The name of a port (`getservbyport`).
///
/// ```
/// use vethlab::wire::services::{Transport, port_name};
///
/// assert_eq!(port_name(53, Transport::Udp), Some("domain"));
/// assert_eq!(port_name(5000, Transport::Udp), None);
/// ```
pub fn port_name(port: u16, transport: Transport) -> Option<&'static str> {
    let from = SERVICES.partition_point(|(number, ..)| *number < port);
    SERVICES[from..]
        .iter()
        .take_while(|(number, ..)| *number == port)
        .find(|(_, protocols, _)| protocols & transport.bit() != 0)
        .and_then(|(.., names)| names.split(' ').next())
}

/// The port that a name or an alias stands for (`getservbyname`).
pub fn port_number(name: &str, transport: Transport) -> Option<u16> {
    SERVICES
        .iter()
        .filter(|(_, protocols, _)| protocols & transport.bit() != 0)
        .find(|(.., names)| names.split(' ').any(|known| known == name))
        .map(|(port, ..)| *port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_by_port() {
        assert!(SERVICES.is_sorted_by_key(|(port, ..)| *port));
    }

    #[test]
    fn an_alias_finds_its_port() {
        assert_eq!(port_number("www", Transport::Tcp), Some(80));
        assert_eq!(port_number("www", Transport::Udp), None);
    }
}
