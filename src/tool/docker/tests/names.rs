//! What listens beside containers: their name servers, and the proxies of published ports.
//! That names lead to addresses at all is tested above.

use std::net::{IpAddr, SocketAddr};

use super::Lab;
use crate::docker::Era;
use crate::netns::socket::SocketKind;
use crate::units::{NetnsId, SockId};

const ERAS: [Era; 3] = [Era::Article, Era::Classic, Era::Current];

/// The namespace of a container.
fn netns_of(lab: &mut Lab, name: &str) -> NetnsId {
    let pid: u32 = lab
        .ok(&format!("docker inspect -f {{{{.State.Pid}}}} {name}"))
        .trim()
        .parse()
        .unwrap();
    let host = lab.world.default_host();
    lab.engines.netns_of_process(host, pid).unwrap()
}

fn socket(lab: &mut Lab, netns: NetnsId, at: &str) -> SockId {
    let socket = lab.world.socket(netns, SocketKind::Udp4).unwrap();
    lab.world.bind(socket, at.parse().unwrap()).unwrap();
    assert!(lab.world.recv(socket).is_none());
    socket
}

/// A question for the address of a name, in the network format.
fn question(name: &str) -> Vec<u8> {
    let mut message = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.extend([0, 0, 1, 0, 1]);
    message
}

#[test]
fn the_name_server_listens_in_the_container_and_answers_packets() {
    for era in ERAS {
        let mut lab = Lab::new(era);
        lab.ok("docker network create net");
        lab.ok("docker run -d --name web --network net --network-alias www nginx");
        lab.ok("docker run -d --name client --network net alpine sleep 1000");
        let listens = lab.ok("docker exec client ss -Hlunp");
        assert!(listens.contains("127.0.0.11:"), "{listens}");
        assert!(listens.contains("users:((\"dockerd\",pid="), "{listens}");
        let listens = lab.ok("docker exec client ss -Hltn");
        assert!(listens.contains("127.0.0.11:"), "{listens}");
        let netns = netns_of(&mut lab, "client");
        let own = socket(&mut lab, netns, "0.0.0.0:0");
        let server: SocketAddr = "127.0.0.11:53".parse().unwrap();
        for (name, code, address) in [
            ("web", 0, Some([172, 18, 0, 2])),
            ("www", 0, Some([172, 18, 0, 2])),
            ("nosuch", 2, None),
        ] {
            lab.world.send(own, Some(server), &question(name)).unwrap();
            lab.ok("sleep 1");
            let said = lab
                .world
                .recv(own)
                .unwrap_or_else(|| panic!("{era}: {name}"));
            // It comes from where the question went: the rules see to it.
            assert_eq!(said.from, server, "{era}");
            assert_eq!(said.bytes[3] & 15, code, "{era}: {name}");
            if let Some(address) = address {
                assert!(said.bytes.ends_with(&address), "{era}: {name}");
            }
        }
        let done = lab.finish("docker exec client ping -c1 nosuch");
        assert!(
            done.stderr.contains("Temporary failure in name resolution"),
            "{}",
            done.stderr
        );
        lab.ok("docker rm -f client");
    }
}

#[test]
fn a_published_udp_port_is_proxied_for_the_loopback() {
    for era in ERAS {
        let mut lab = Lab::new(era);
        lab.ok("docker run -d --name dns -p 5353:53/udp alpine sleep 1000");
        let listens = lab.ok("ss -Hlunp");
        assert!(listens.contains("0.0.0.0:5353"), "{era}: {listens}");
        assert!(listens.contains("docker-proxy"), "{era}: {listens}");
        let inside = netns_of(&mut lab, "dns");
        let server = socket(&mut lab, inside, "0.0.0.0:53");
        let host = lab.world.default_host();
        let root = lab.world.host(host).root;
        let client = socket(&mut lab, root, "127.0.0.1:0");
        let port: SocketAddr = "127.0.0.1:5353".parse().unwrap();
        for text in [b"one", b"two"] {
            lab.world.send(client, Some(port), text).unwrap();
            lab.ok("sleep 1");
            let came = lab.world.recv(server).unwrap_or_else(|| panic!("{era}"));
            assert_eq!(came.bytes, text);
            // The proxy asks in its own name.
            assert_eq!(came.from.ip(), IpAddr::from([172, 17, 0, 1]), "{era}");
            lab.world.send(server, Some(came.from), b"back").unwrap();
            lab.ok("sleep 1");
            let back = lab.world.recv(client).unwrap_or_else(|| panic!("{era}"));
            assert_eq!((back.from, &back.bytes[..]), (port, &b"back"[..]), "{era}");
        }
        for (port, count) in [("5353/udp", 1), ("5000-6000/udp", 1), ("5353", 0)] {
            let shown = lab.ok(&format!("docker ps -q -f publish={port}"));
            assert_eq!(shown.lines().count(), count, "{port}");
        }
        lab.ok("docker rm -f dns");
        assert!(!lab.ok("ss -Hlun").contains("5353"));
    }
}
