//! The help texts of `bridge`: standard error, status 255.
//! They are the words of iproute2 6.1, as scripts search them.

use crate::tool::Failure;

fn text(text: &str) -> Failure {
    Failure {
        stderr: text.to_owned(),
        status: 255,
    }
}

/// Of `bridge` itself.
pub(super) fn usage() -> Failure {
    text(
        "Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }
",
    )
}

/// Of `bridge link`.
pub(super) fn link() -> Failure {
    let pad = " ".repeat(31);
    let mut words = String::from(
        "Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]\n",
    );
    for option in [
        "guard {on | off}",
        "hairpin {on | off}",
        "fastleave {on | off}",
        "root_block {on | off}",
        "learning {on | off}",
        "learning_sync {on | off}",
        "flood {on | off}",
        "mcast_router MULTICAST_ROUTER",
        "mcast_flood {on | off}",
        "bcast_flood {on | off}",
        "mcast_to_unicast {on | off}",
        "neigh_suppress {on | off}",
        "vlan_tunnel {on | off}",
        "isolated {on | off}",
        "locked {on | off}",
        "hwmode {vepa | veb}",
        "backup_port DEVICE ] [ nobackup_port",
        "self ] [ master",
    ] {
        words.push_str(&format!("{pad}[ {option} ]\n"));
    }
    words.push_str("       bridge link show [dev DEV]\n");
    text(&words)
}

/// Of `bridge fdb`.
pub(super) fn fdb() -> Failure {
    text(
        "Usage: bridge fdb { add | append | del | replace } ADDR dev DEV
              [ self ] [ master ] [ use ] [ router ] [ extern_learn ]
              [ sticky ] [ local | static | dynamic ] [ vlan VID ]
              { [ dst IPADDR ] [ port PORT] [ vni VNI ] | [ nhid NHID ] }
\t       [ via DEV ] [ src_vni VNI ]
       bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ]
              [ state STATE ] [ dynamic ] ]
       bridge fdb get [ to ] LLADDR [ br BRDEV ] { brport | dev } DEV
              [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]
       bridge fdb flush dev DEV [ brport DEV ] [ vlan VID ]
              [ self ] [ master ] [ [no]permanent | [no]static | [no]dynamic ]
              [ [no]added_by_user ] [ [no]extern_learn ] [ [no]sticky ]
              [ [no]offloaded ]
",
    )
}

/// Of `bridge mdb`.
pub(super) fn mdb() -> Failure {
    text(
        "Usage: bridge mdb { add | del } dev DEV port PORT grp GROUP [src SOURCE] [permanent | temp] [vid VID]
       bridge mdb {show} [ dev DEV ] [ vid VID ]
",
    )
}

/// Of `bridge monitor`.
pub(super) fn monitor() -> Failure {
    text("Usage: bridge monitor [file | link | fdb | mdb | vlan | vni | all]\n")
}

/// Of `bridge vni`.
pub(super) fn vni() -> Failure {
    text(
        "Usage: bridge vni { add | del } vni VNI
\t\t[ { group | remote } IP_ADDRESS ]
\t\t[ dev DEV ]
       bridge vni { show }

Where:\tVNI\t:= 0-16777215
",
    )
}

/// Of `bridge vlan`.
pub(super) fn vlan() -> Failure {
    let pad = " ".repeat(22);
    let mut words = String::from(
        "Usage: bridge vlan { add | del } vid VLAN_ID dev DEV [ tunnel_info id TUNNEL_ID ]
                                                     [ pvid ] [ untagged ]
                                                     [ self ] [ master ]
       bridge vlan { set } vid VLAN_ID dev DEV [ state STP_STATE ]
                                               [ mcast_router MULTICAST_ROUTER ]
       bridge vlan { show } [ dev DEV ] [ vid VLAN_ID ]
       bridge vlan { tunnelshow } [ dev DEV ] [ vid VLAN_ID ]
       bridge vlan global { set } vid VLAN_ID dev DEV
",
    );
    for option in super::vlan::GLOBAL {
        let value = match *option {
            "mcast_snooping" | "mcast_querier" => format!("multicast_{}", &option[6..]),
            option => option.trim_start_matches("mcast_").to_owned(),
        };
        words.push_str(&format!("{pad}[ {option} {} ]\n", value.to_uppercase()));
    }
    words.push_str("       bridge vlan global { show } [ dev DEV ] [ vid VLAN_ID ]\n");
    text(&words)
}
