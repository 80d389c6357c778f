//! `docker inspect`: things as JSON, whole or by a template.
//! Networks are told in `network_view`.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::docker::{Container, Endpoint, Era, Fault, Mode, Network, State};
use crate::tool::{Call, Failure, Outcome};

use super::flags::{Read, switch_short, takes, takes_short};
use super::template::Template;
use super::{ANY, Command, Said, clock, era, network_view, not_found, ports, ps};

const FLAGS: &[super::flags::Flag] = &[
    takes_short("format", 'f'),
    switch_short("size", 's'),
    takes("type"),
];

pub(super) const COMMANDS: &[Command] = &[
    Command {
        path: "inspect",
        usage: "[OPTIONS] NAME|ID [NAME|ID...]",
        about: "Return low-level information on Docker objects",
        words: (1, ANY),
        flags: FLAGS,
        stops: false,
        run: inspect,
    },
    Command {
        path: "container inspect",
        usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        about: "Display detailed information on one or more containers",
        words: (1, ANY),
        flags: FLAGS,
        stops: false,
        run: inspect_container,
    },
];

fn inspect_container(call: &mut Call<'_>, read: &Read) -> Said {
    show(call, &read.words, read.value("format"), |call, word| {
        let container = call.docker.container(call.world, call.host, word)?;
        Ok(container_json(call, &container))
    })
}

fn inspect(call: &mut Call<'_>, read: &Read) -> Said {
    let wanted = read.value("type").unwrap_or("");
    let mut found = Vec::new();
    let mut missing = None;
    for word in &read.words {
        match any_object(call, wanted, word) {
            Some(value) => found.push(value),
            None => {
                missing = Some(word.clone());
                break;
            }
        }
    }
    let printed = print(call, &found, read.value("format"));
    let Some(word) = missing else { return printed };
    printed?;
    let text = match era(call) {
        Era::Article | Era::Classic => format!("Error: No such object: {word}"),
        Era::Current => format!("error: no such object: {word}"),
    };
    Err(Failure::line(1, text))
}

fn any_object(call: &mut Call<'_>, wanted: &str, word: &str) -> Option<Value> {
    if matches!(wanted, "" | "container")
        && let Ok(container) = call.docker.container(call.world, call.host, word)
    {
        return Some(container_json(call, &container));
    }
    if matches!(wanted, "" | "network")
        && let Ok(net) = call.docker.network(call.world, call.host, word)
    {
        return Some(network_view::json(call, &net, false));
    }
    None
}

/// Prints what is found of some words, and then the first complaint.
pub(super) fn show(
    call: &mut Call<'_>,
    words: &[String],
    format: Option<&str>,
    mut find: impl FnMut(&mut Call<'_>, &str) -> Result<Value, Fault>,
) -> Said {
    let mut found = Vec::new();
    let mut fault = None;
    for word in words {
        match find(call, word) {
            Ok(value) => found.push(value),
            Err(error) => {
                fault = Some(error);
                break;
            }
        }
    }
    let printed = print(call, &found, format);
    match fault {
        Some(fault) => {
            printed?;
            Err(not_found(era(call), &fault))
        }
        None => printed,
    }
}

fn print(call: &mut Call<'_>, values: &[Value], format: Option<&str>) -> Said {
    let Some(format) = format.filter(|format| !format.is_empty() && *format != "json") else {
        let text = match format {
            Some("json") => super::template::compact(&json!(values)),
            _ => pretty(&json!(values)),
        };
        call.console.out(text + "\n");
        return Ok(Outcome::Exit(0));
    };
    let template = Template::parse(format).map_err(|error| bad(&error))?;
    let mut text = String::new();
    for value in values {
        match template.render(value, true) {
            Ok(line) => text.push_str(&(line + "\n")),
            Err(error) => {
                call.console.out(if text.is_empty() { "\n" } else { &text });
                return Err(bad(&error));
            }
        }
    }
    call.console.out(if text.is_empty() { "\n" } else { &text });
    Ok(Outcome::Exit(0))
}

/// Prints one value by a template.
pub(super) fn render(call: &mut Call<'_>, format: &str, value: &Value) -> Said {
    if format == "json" {
        call.console.out(super::template::compact(value) + "\n");
        return Ok(Outcome::Exit(0));
    }
    let template = Template::parse(format).map_err(|error| bad(&error))?;
    let text = template.render(value, true).map_err(|error| bad(&error))?;
    call.console.out(text + "\n");
    Ok(Outcome::Exit(0))
}

fn bad(error: &str) -> Failure {
    Failure::line(1, format_args!("template parsing error: {error}"))
}

/// JSON with four blanks a step, as docker's client prints it.
fn pretty(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    value
        .serialize(&mut serializer)
        .expect("a value of JSON can be written");
    let text = String::from_utf8(bytes).expect("JSON is text");
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// The id of an endpoint on a network that has no devices: derived, for it is nowhere else.
pub(super) fn plain_endpoint(container: &str) -> String {
    container.chars().rev().collect()
}

fn container_json(call: &Call<'_>, container: &Container) -> Value {
    let era = era(call);
    let spec = &container.spec;
    let words = ps::words(container);
    let zero = "0001-01-01T00:00:00Z".to_owned();
    let time = |at: Option<crate::units::SimTime>| at.map_or(zero.clone(), clock::stamp);
    let code = match container.state {
        State::Exited(code) => code,
        State::Created | State::Running => 0,
    };
    let exposed: Map<String, Value> = ports::exposed(container)
        .into_iter()
        .map(|(port, proto)| (format!("{port}/{proto}"), json!({})))
        .collect();
    json!({
        "Id": container.id,
        "Created": clock::stamp(container.created),
        "Path": words.first().cloned().unwrap_or_default(),
        "Args": words.get(1..).unwrap_or_default(),
        "State": {
            "Status": ps::state(container),
            "Running": container.is_running(),
            "Paused": false,
            "Restarting": false,
            "OOMKilled": false,
            "Dead": false,
            "Pid": container.pid,
            "ExitCode": code,
            "Error": "",
            "StartedAt": time(container.started),
            "FinishedAt": time(container.finished),
        },
        "Image": spec.image,
        "ResolvConfPath": format!("/var/lib/docker/containers/{}/resolv.conf", container.id),
        "HostnamePath": format!("/var/lib/docker/containers/{}/hostname", container.id),
        "HostsPath": format!("/var/lib/docker/containers/{}/hosts", container.id),
        "LogPath": "",
        "Name": format!("/{}", container.name),
        "RestartCount": container.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "HostConfig": {
            "NetworkMode": network_mode(container),
            "PortBindings": bindings(container),
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
            "AutoRemove": spec.remove,
            "PublishAllPorts": spec.publish_all,
        },
        "Config": {
            "Hostname": container.hostname(),
            "Domainname": "",
            "ExposedPorts": exposed,
            "Tty": spec.tty,
            "OpenStdin": spec.interactive,
            "Env": spec.env,
            "Cmd": spec.command,
            "Image": spec.image,
            "Entrypoint": spec.entrypoint.iter().collect::<Vec<_>>(),
            "Labels": spec.labels,
        },
        "NetworkSettings": settings(call, era, container),
    })
}

fn network_mode(container: &Container) -> String {
    match &container.spec.mode {
        Mode::Container(other) => format!("container:{other}"),
        _ => match container.spec.network_word.as_str() {
            // The client sends the default by this name.
            "default" => "default".to_owned(),
            word => container
                .spec
                .networks
                .keys()
                .next()
                .map_or(word.to_owned(), Clone::clone),
        },
    }
}

fn bindings(container: &Container) -> Value {
    let mut map = Map::new();
    for port in &container.spec.ports {
        let Some((address, outside)) = port.outside else {
            continue;
        };
        let key = format!("{}/{}", port.inside, port.proto);
        let binding = json!({
            "HostIp": address.map_or(String::new(), |ip| ip.to_string()),
            "HostPort": if outside == 0 { String::new() } else { outside.to_string() },
        });
        if let Value::Array(list) = map.entry(key).or_insert_with(|| json!([])) {
            list.push(binding);
        }
    }
    Value::Object(map)
}

fn settings(call: &Call<'_>, era: Era, container: &Container) -> Value {
    let engine = call.docker.engine(call.host);
    let sandbox = container
        .sandbox
        .as_ref()
        .and_then(|id| engine?.sandboxes.get(id));
    let key = sandbox.map_or(String::new(), |one| {
        format!("/var/run/docker/netns/{}", one.key)
    });
    let mut networks = Map::new();
    let mut names = ps::network_names(container);
    names.sort();
    let mut bridge = None;
    for name in &names {
        let net = engine.and_then(|engine| engine.network(name).ok());
        let endpoint = net.and_then(|net| {
            net.endpoints
                .iter()
                .find(|one| Some(&one.sandbox) == container.sandbox.as_ref())
        });
        let value = endpoint_json(era, container, net, endpoint);
        if net.is_some_and(Network::is_default_bridge) {
            bridge = Some(value.clone());
        }
        networks.insert(name.clone(), value);
    }
    let top = |key: &str, empty: Value| {
        bridge
            .as_ref()
            .and_then(|value| value.get(key))
            .cloned()
            .unwrap_or(empty)
    };
    json!({
        "Bridge": "",
        "SandboxID": sandbox.map_or(String::new(), |one| one.id.clone()),
        "SandboxKey": key,
        "Ports": bound(era, container),
        "HairpinMode": false,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": null,
        "SecondaryIPv6Addresses": null,
        "EndpointID": top("EndpointID", json!("")),
        "Gateway": top("Gateway", json!("")),
        "GlobalIPv6Address": top("GlobalIPv6Address", json!("")),
        "GlobalIPv6PrefixLen": top("GlobalIPv6PrefixLen", json!(0)),
        "IPAddress": top("IPAddress", json!("")),
        "IPPrefixLen": top("IPPrefixLen", json!(0)),
        "IPv6Gateway": top("IPv6Gateway", json!("")),
        "MacAddress": top("MacAddress", json!("")),
        "Networks": networks,
    })
}

/// The ports in use: those that are only named have no binding.
fn bound(era: Era, container: &Container) -> Value {
    let mut map = Map::new();
    if !container.is_running() {
        return Value::Object(map);
    }
    for (port, proto) in ports::exposed(container) {
        let mut list = Vec::new();
        for bound in container
            .bound
            .iter()
            .filter(|bound| (bound.inside, bound.proto) == (port, proto))
        {
            let mut places = vec![
                bound
                    .address
                    .map_or("0.0.0.0".to_owned(), |ip| ip.to_string()),
            ];
            if bound.address.is_none() && era != Era::Article {
                places.push("::".to_owned());
            }
            let place = |ip| json!({"HostIp": ip, "HostPort": bound.outside.to_string()});
            list.extend(places.into_iter().map(place));
        }
        let value = if list.is_empty() {
            Value::Null
        } else {
            Value::Array(list)
        };
        map.insert(format!("{port}/{proto}"), value);
    }
    Value::Object(map)
}

fn endpoint_json(
    era: Era,
    container: &Container,
    net: Option<&Network>,
    endpoint: Option<&Endpoint>,
) -> Value {
    let name = net.map_or("", |net| net.name.as_str());
    let wanted = container
        .networks
        .get(name)
        .or_else(|| container.spec.networks.get(name));
    let config = wanted.and_then(|settings| {
        let mut map = Map::new();
        if let Some(ip) = settings.ip {
            map.insert("IPv4Address".to_owned(), json!(ip.to_string()));
        }
        if let Some(ip) = settings.ip6 {
            map.insert("IPv6Address".to_owned(), json!(ip.to_string()));
        }
        (!map.is_empty()).then_some(Value::Object(map))
    });
    let user = net.is_some_and(Network::has_names);
    let mut aliases: Vec<String> = wanted
        .map(|settings| settings.aliases.clone())
        .unwrap_or_default();
    if user && era != Era::Current {
        aliases.push(container.short().to_owned());
    }
    let aliases = if aliases.is_empty() {
        Value::Null
    } else {
        json!(aliases)
    };
    let ip = |net: Option<ipnet::IpNet>| net.map_or(String::new(), |net| net.addr().to_string());
    let length = |net: Option<ipnet::IpNet>| net.map_or(0, |net| net.prefix_len());
    let gateway = |ip: Option<IpAddr>| {
        ip.filter(|_| endpoint.is_some())
            .map_or(String::new(), |ip| ip.to_string())
    };
    let plain = net.is_some_and(|net| matches!(net.name.as_str(), "host" | "none"))
        && container.is_running();
    let id = match endpoint {
        Some(endpoint) => endpoint.id.clone(),
        None if plain => plain_endpoint(&container.id),
        None => String::new(),
    };
    let v4 = endpoint.and_then(Endpoint::v4);
    let v6 = endpoint.and_then(Endpoint::v6);
    let leads = net.is_some_and(|net| !net.internal && !net.swarm);
    let mac = endpoint.map_or(String::new(), |one| one.mac.to_string());
    let network = net.map_or(String::new(), |net| net.id.clone());
    let names: Value = match endpoint.filter(|one| !one.names.is_empty()) {
        Some(endpoint) => json!(endpoint.names),
        None => Value::Null,
    };
    let gateway4 = gateway(net.and_then(Network::gateway4).filter(|_| leads));
    let gateway6 = gateway(net.and_then(Network::gateway6).filter(|_| leads));
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("IPAMConfig", config.unwrap_or(Value::Null));
    put("Links", Value::Null);
    put("Aliases", aliases);
    if era == Era::Current {
        put("DriverOpts", Value::Null);
        put(
            "GwPriority",
            json!(wanted.map_or(0, |settings| settings.gateway_priority)),
        );
    }
    put("NetworkID", json!(network));
    put("EndpointID", json!(id));
    put("Gateway", json!(gateway4));
    put("IPAddress", json!(ip(v4)));
    if era == Era::Current {
        put("MacAddress", json!(mac));
    }
    put("IPPrefixLen", json!(length(v4)));
    put("IPv6Gateway", json!(gateway6));
    put("GlobalIPv6Address", json!(ip(v6)));
    put("GlobalIPv6PrefixLen", json!(length(v6)));
    if era != Era::Current {
        put("MacAddress", json!(mac));
        put("DriverOpts", Value::Null);
    } else {
        put("DNSNames", names);
    }
    Value::Object(map)
}
