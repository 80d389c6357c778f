//! A network as `docker network inspect` prints it, key by key in the order of each era.
//! Nothing is decided here.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::docker::{DriverState, Era, Network, Subnet};
use crate::tool::Call;

use super::clock;
use super::network::scope;

/// The JSON of a network.
pub(super) fn json(call: &mut Call<'_>, net: &Network, _verbose: bool) -> Value {
    let era = call.docker.era;
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("Name", json!(net.name));
    put("Id", json!(net.id));
    put("Created", json!(clock::stamp(net.created)));
    put("Scope", json!(scope(net)));
    put("Driver", json!(net.driver.name()));
    if era.facts().shows_ipv4 {
        put("EnableIPv4", json!(true));
    }
    put("EnableIPv6", json!(net.ipv6));
    put("IPAM", ipam(era, net));
    put("Internal", json!(net.internal));
    put("Attachable", json!(net.attachable));
    put("Ingress", json!(net.ingress));
    if era != Era::Article {
        put("ConfigFrom", json!({"Network": ""}));
        put("ConfigOnly", json!(false));
    }
    let containers = containers(call, net);
    let labels = match net.swarm && net.labels.is_empty() {
        true => Value::Null,
        false => texts(&net.labels),
    };
    let peers = call.docker.peers(call.host, net);
    let peers = peers.map(|peers| {
        let peer = |(name, ip)| json!({"Name": name, "IP": ip});
        Value::Array(peers.into_iter().map(peer).collect())
    });
    if era != Era::Current {
        put("Containers", containers.clone());
    }
    put("Options", options(net));
    put("Labels", labels);
    if let Some(peers) = peers {
        put("Peers", peers);
    }
    if era == Era::Current {
        put("Containers", containers);
        put("Status", status(net));
    }
    Value::Object(map)
}

fn texts(map: &BTreeMap<String, String>) -> Value {
    let text = |(key, value): (&String, &String)| (key.clone(), json!(value));
    Value::Object(map.iter().map(text).collect())
}

fn options(net: &Network) -> Value {
    let mut options = net.options.clone();
    if let DriverState::Overlay(state) = &net.state {
        let key = "com.docker.network.driver.overlay.vxlanid_list";
        options.insert(key.to_owned(), state.vni.to_string());
    }
    texts(&options)
}

fn ipam(era: Era, net: &Network) -> Value {
    let config = net
        .subnets
        .iter()
        .map(|subnet| one_subnet(era, net, subnet));
    let config: Vec<Value> = config.collect();
    let options = net.ipam_options.as_ref().map_or(Value::Null, texts);
    let plain = matches!(net.name.as_str(), "host" | "none") && config.is_empty();
    let config = match (plain, era) {
        (true, Era::Current) => Value::Null,
        _ => Value::Array(config),
    };
    json!({"Driver": "default", "Options": options, "Config": config})
}

fn one_subnet(era: Era, net: &Network, subnet: &Subnet) -> Value {
    let mut map = Map::new();
    map.insert("Subnet".to_owned(), json!(subnet.pool.subnet.to_string()));
    if let Some(range) = subnet.pool.range {
        map.insert("IPRange".to_owned(), json!(range.to_string()));
    }
    // A gateway that nobody chose is not in the configuration that was given before 28.
    let hidden = era != Era::Current && net.subnet_given && !subnet.gateway_given && !net.swarm;
    if let Some(gateway) = subnet.gateway.filter(|_| !hidden) {
        map.insert("Gateway".to_owned(), json!(gateway.to_string()));
    }
    if !subnet.aux.is_empty() {
        let aux = subnet
            .aux
            .iter()
            .map(|(name, ip)| (name.clone(), json!(ip.to_string())));
        map.insert(
            "AuxiliaryAddresses".to_owned(),
            Value::Object(aux.collect()),
        );
    }
    Value::Object(map)
}

/// Who is on the network on this node, by the id of the container or the name of what else it is.
fn containers(call: &mut Call<'_>, net: &Network) -> Value {
    let Some(engine) = call.docker.engine(call.host) else {
        return Value::Null;
    };
    if net.swarm && !engine.networks.contains_key(&net.id) {
        return Value::Null;
    }
    let mut found = BTreeMap::new();
    for endpoint in &net.endpoints {
        let owner = engine.container_of_sandbox(&endpoint.sandbox);
        let key = owner.map_or(endpoint.sandbox.clone(), |container| container.id.clone());
        let text =
            |address: Option<ipnet::IpNet>| address.map_or(String::new(), |net| net.to_string());
        let value = json!({
            "Name": endpoint.name,
            "EndpointID": endpoint.id,
            "MacAddress": endpoint.mac.to_string(),
            "IPv4Address": text(endpoint.v4()),
            "IPv6Address": text(endpoint.v6()),
        });
        found.insert(key, value);
    }
    // Containers in the host's namespace and in none have an endpoint without anything.
    if let Some(mode) = plain_mode(net) {
        for container in engine
            .containers
            .values()
            .filter(|one| one.is_running() && one.spec.mode == mode)
        {
            let value = json!({
                "Name": container.name,
                "EndpointID": super::inspect::plain_endpoint(&container.id),
                "MacAddress": "",
                "IPv4Address": "",
                "IPv6Address": "",
            });
            found.insert(container.id.clone(), value);
        }
    }
    Value::Object(found.into_iter().collect())
}

fn plain_mode(net: &Network) -> Option<crate::docker::Mode> {
    use crate::docker::{Driver, Mode};
    match net.driver {
        Driver::Host => Some(Mode::Host),
        Driver::Null => Some(Mode::None),
        _ => None,
    }
}

/// How full the subnets are.
fn status(net: &Network) -> Value {
    let one = |subnet: &Subnet| {
        let pool = &subnet.pool;
        let available = u64::try_from(pool.available()).unwrap_or(u64::MAX);
        let value = json!({"IPsInUse": pool.in_use(), "DynamicIPsAvailable": available});
        (pool.subnet.to_string(), value)
    };
    let subnets: Map<String, Value> = net.subnets.iter().map(one).collect();
    json!({"IPAM": {"Subnets": Value::Object(subnets)}})
}
