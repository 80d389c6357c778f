//! The graph as text for programs that draw: DOT, Mermaid, JSON.
//! Hosts and namespaces are boxes; what does not pass frames is dashed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use serde_json::{Value, json};

use super::{Edge, EdgeKind, Node, Topology};

/// Devices by host, and by namespace within it.
type Boxes<'t> = BTreeMap<&'t str, BTreeMap<&'t str, Vec<(NodeIndex, &'t Node)>>>;

impl Topology {
    fn boxes(&self) -> Boxes<'_> {
        let mut boxes = Boxes::new();
        for index in self.graph.node_indices() {
            let node = &self.graph[index];
            let netns = boxes.entry(node.host.as_str()).or_default();
            let devices = netns.entry(node.netns.as_str()).or_default();
            devices.push((index, node));
        }
        boxes
    }

    /// For Graphviz.
    pub fn dot(&self) -> String {
        let mut text =
            String::from("graph vethlab {\n  node [shape=box, fontname=\"monospace\"];\n");
        for (number, (host, namespaces)) in self.boxes().into_iter().enumerate() {
            let boxed = !host.is_empty();
            if boxed {
                let _ = writeln!(
                    text,
                    "  subgraph cluster_h{number} {{\n    label={};",
                    quoted(host)
                );
            }
            for (at, (netns, devices)) in namespaces.into_iter().enumerate() {
                if !netns.is_empty() {
                    let _ = writeln!(
                        text,
                        "    subgraph cluster_h{number}n{at} {{\n      label={};",
                        quoted(netns)
                    );
                }
                for (index, node) in devices {
                    let label = quoted(&label(node).join("\n")).replace('\n', "\\n");
                    let look = look(node);
                    let _ = writeln!(text, "      d{} [label={label}{look}];", index.index());
                }
                text += if netns.is_empty() { "" } else { "    }\n" };
            }
            text += if boxed { "  }\n" } else { "" };
        }
        for edge in self.graph.edge_references() {
            let (a, b) = (edge.source().index(), edge.target().index());
            let style = if edge.weight().open {
                ""
            } else {
                ", style=dashed"
            };
            let label = quoted(&edge_label(edge.weight()));
            let _ = writeln!(text, "  d{a} -- d{b} [label={label}{style}];");
        }
        text + "}\n"
    }

    /// For Mermaid, as Markdown pages show it.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for (number, (host, namespaces)) in self.boxes().into_iter().enumerate() {
            let boxed = !host.is_empty();
            if boxed {
                let _ = writeln!(text, "  subgraph h{number}[{}]", entities(host));
            }
            for (at, (netns, devices)) in namespaces.into_iter().enumerate() {
                if !netns.is_empty() {
                    let _ = writeln!(text, "    subgraph h{number}n{at}[{}]", entities(netns));
                }
                for (index, node) in devices {
                    let lines: Vec<String> = label(node).iter().map(|line| inner(line)).collect();
                    let (open, close) = match node.kind {
                        "bridge" | "switch" => ("{{", "}}"),
                        _ => ("[", "]"),
                    };
                    let label = lines.join("<br/>");
                    let _ = writeln!(text, "      d{}{open}\"{label}\"{close}", index.index());
                }
                text += if netns.is_empty() { "" } else { "    end\n" };
            }
            text += if boxed { "  end\n" } else { "" };
        }
        for edge in self.graph.edge_references() {
            let (a, b) = (edge.source().index(), edge.target().index());
            let line = if edge.weight().open { "---" } else { "-.-" };
            let label = edge_label(edge.weight());
            let _ = writeln!(text, "  d{a} {line}|{label}| d{b}");
        }
        text
    }

    /// For programs: devices, links between them by their places in the list, segments and loops.
    pub fn json(&self) -> String {
        let device = |node: &Node| {
            json!({
                "host": node.host, "netns": node.netns, "dev": node.dev, "kind": node.kind,
                "addresses": node.addresses, "up": node.up,
            })
        };
        let names = |sets: Vec<Vec<&Node>>| -> Vec<Vec<String>> {
            let path = |node: &Node| match node.host.as_str() {
                "" => node.dev.clone(),
                host => format!("{host}:{}", node.path()),
            };
            sets.iter()
                .map(|set| set.iter().map(|node| path(node)).collect())
                .collect()
        };
        let links: Vec<Value> = self
            .graph
            .edge_references()
            .map(|edge| {
                let mut link = json!({
                    "a": edge.source().index(), "b": edge.target().index(),
                    "kind": edge.weight().kind.word(), "open": edge.weight().open,
                });
                if let EdgeKind::Tunnel(vni) = edge.weight().kind {
                    link["vni"] = vni.into();
                }
                link
            })
            .collect();
        let whole = json!({
            "devices": self.graph.node_weights().map(device).collect::<Vec<Value>>(),
            "links": links,
            "segments": names(self.segments()),
            "loops": names(self.loops()),
        });
        format!("{whole:#}\n")
    }
}

fn label(node: &Node) -> Vec<String> {
    let mut lines = vec![node.dev.clone()];
    if !matches!(node.kind, "veth" | "nic") {
        lines.push(format!("({})", node.kind));
    }
    lines.extend(node.addresses.iter().cloned());
    lines
}

fn look(node: &Node) -> &'static str {
    match (node.kind, node.up) {
        ("bridge" | "switch", true) => ", shape=hexagon",
        ("bridge" | "switch", false) => ", shape=hexagon, style=dashed",
        (_, true) => "",
        (_, false) => ", style=dashed",
    }
}

fn edge_label(edge: &Edge) -> String {
    match edge.kind {
        EdgeKind::Tunnel(vni) => format!("vni {vni}"),
        kind => kind.word().to_owned(),
    }
}

/// A text in quotes as DOT reads it; a backslash of its own is kept.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What stands within quotes in Mermaid.
fn inner(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
}

fn entities(text: &str) -> String {
    format!("\"{}\"", inner(text))
}
