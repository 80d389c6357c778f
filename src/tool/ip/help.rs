//! The help texts of `ip`: what is simulated, in the form that scripts search for words.
//! They are printed on standard error with status 255, as iproute2 prints them.

use crate::tool::Failure;

/// The usage of `ip` itself.
pub fn usage() -> Failure {
    failure(
        "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | help | link | maddress | neighbor | neighbour |
                   netns | route | rule }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | link } | -4 | -6 | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -b[atch] [filename] | -n[etns] name |
                    -N[umeric] | -a[ll] | -c[olor]}
",
    )
}

/// The usage of `ip link`.
pub fn link() -> Failure {
    failure(LINK)
}

/// The usage of `ip address`.
pub fn address() -> Failure {
    failure(ADDRESS)
}

/// The usage of `ip netns`.
pub fn netns() -> Failure {
    failure(
        "Usage: ip netns list
       ip netns add NAME
       ip netns attach NAME PID
       ip netns set NAME NETNSID
       ip [-all] netns delete [NAME]
       ip netns identify [PID]
       ip netns pids NAME
       ip [-all] netns exec [NAME] cmd ...
       ip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]
NETNSID := auto | POSITIVE-INT
",
    )
}

/// The usage of a device type: each option in brackets, on lines that begin with `indent`.
pub fn kind(name: &str, indent: &str, options: &[&str]) -> String {
    let mut text = format!("Usage: ... {name}");
    let mut separator = " ";
    for option in options {
        text.push_str(separator);
        text.push_str(option);
        separator = indent;
    }
    text.push('\n');
    text
}

fn failure(text: &str) -> Failure {
    Failure {
        stderr: text.to_owned(),
        status: 255,
    }
}

const LINK: &str = "Usage: ip link add [ name ] NAME
            [ txqueuelen PACKETS ] [ address LLADDR ] [ broadcast LLADDR ]
            [ mtu MTU ] [ index IDX ] [ numtxqueues QUEUE_COUNT ]
            [ numrxqueues QUEUE_COUNT ] [ netns { PID | NAME } ]
            type TYPE [ ARGS ]
       ip link delete { DEVICE | dev DEVICE | group DEVGROUP } type TYPE [ ARGS ]
       ip link set { DEVICE | dev DEVICE | group DEVGROUP }
            [ { up | down } ] [ type TYPE ARGS ]
            [ arp { on | off } ] [ dynamic { on | off } ]
            [ multicast { on | off } ] [ allmulticast { on | off } ]
            [ promisc { on | off } ] [ trailers { on | off } ]
            [ carrier { on | off } ] [ txqueuelen PACKETS ] [ name NEWNAME ]
            [ address LLADDR ] [ broadcast LLADDR ] [ mtu MTU ]
            [ netns { PID | NAME } ] [ link-netns NAME | link-netnsid ID ]
            [ alias NAME ] [ master DEVICE ] [ nomaster ]
            [ addrgenmode { eui64 | none | stable_secret | random } ]
            [ protodown { on | off } ]
       ip link show [ DEVICE | group GROUP ] [up] [master DEV] [type TYPE]
            [nomaster]
       ip link property add dev DEVICE [ altname NAME .. ]
       ip link property del dev DEVICE [ altname NAME .. ]
       ip link help [ TYPE ]
TYPE := { bridge | bridge_slave | dummy | veth | vxlan }
";

const ADDRESS: &str = "Usage: ip address {add|change|replace} IFADDR dev IFNAME [ LIFETIME ]
                                                      [ CONFFLAG-LIST ]
       ip address del IFADDR dev IFNAME [mngtmpaddr]
       ip address flush [ dev IFNAME ] [ scope SCOPE-ID ]
                        [ to PREFIX ] [ FLAG-LIST ] [ label LABEL ] [up]
       ip address [ show [ dev IFNAME ] [ scope SCOPE-ID ] [ master DEVICE ]
                         [ nomaster ] [ type TYPE ] [ to PREFIX ] [ FLAG-LIST ]
                         [ label LABEL ] [up] ]
IFADDR := PREFIX | ADDR peer PREFIX
          [ broadcast ADDR ] [ anycast ADDR ]
          [ label IFNAME ] [ scope SCOPE-ID ] [ metric METRIC ]
SCOPE-ID := [ host | link | global | NUMBER ]
FLAG-LIST := [ FLAG-LIST ] FLAG
FLAG  := [ permanent | dynamic | secondary | primary |
           [-]tentative | [-]deprecated | [-]dadfailed | temporary |
           CONFFLAG-LIST ]
CONFFLAG-LIST := [ CONFFLAG-LIST ] CONFFLAG
CONFFLAG  := [ home | nodad | mngtmpaddr | noprefixroute | autojoin ]
LIFETIME := [ valid_lft LFT ] [ preferred_lft LFT ]
LFT := forever | SECONDS
";
