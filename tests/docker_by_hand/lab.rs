//! Two worlds side by side: one where `docker` is typed, one where everything is typed by hand, and their tables.
//! The scripts themselves are in `scripts`.

use std::collections::BTreeMap;
use std::time::Duration;

use vethlab::device::underlay::WireSpec;
use vethlab::docker::{Engines, Era};
use vethlab::kernel::World;
use vethlab::tool::{Finished, Shell};

/// Machines `h1`, `h2`, .. at one switch, with the addresses 192.168.0.11 and on.
pub struct Lab {
    world: World,
    engines: Engines,
    era: Era,
    hosts: usize,
}

/// The tables that are compared, in each namespace.
const TABLES: [&str; 14] = [
    "ip -d link",
    "ip addr",
    "ip route show table all",
    "ip -6 route show table all",
    "ip rule",
    "ip neigh",
    "bridge fdb show",
    "bridge -d link show",
    "iptables-save",
    "ip6tables-save",
    "sysctl net.ipv4.ip_forward",
    "sysctl net.ipv4.ip_unprivileged_port_start",
    "sysctl net.ipv6.conf.all.disable_ipv6",
    "ip maddr",
];

impl Lab {
    pub fn new(era: Era, hosts: usize) -> Self {
        let mut world = World::with_host(0, "h1");
        let lan = world.segment_add("lan");
        for number in 1..=hosts {
            let host = match number {
                1 => world.default_host(),
                number => world.host_add(&format!("h{number}")).expect("a free name"),
            };
            let card = world
                .nic_add(host, "eth0".parse().expect("a name"))
                .expect("a card");
            let wire = WireSpec::of_latency(Duration::from_micros(25));
            world.plug(card, lan, wire, wire).expect("a free port");
        }
        let engines = Engines::new(era);
        let mut lab = Self {
            world,
            engines,
            era,
            hosts,
        };
        for number in 1..=hosts {
            let address = format!("192.168.0.{}/24", 10 + number);
            lab.ok(&format!(
                "on h{number} ip addr add {address} brd + dev eth0"
            ));
            lab.ok(&format!("on h{number} ip link set eth0 up"));
        }
        lab
    }

    fn finish(&mut self, line: &str) -> Finished {
        Shell::new(&mut self.world)
            .with_docker(&mut self.engines)
            .run(line)
    }

    /// Standard output of a line that goes well.
    pub fn ok(&mut self, line: &str) -> String {
        let done = self.finish(line);
        assert_eq!(
            done.status, 0,
            "{:?}: {line}\n{}{}",
            self.era, done.stdout, done.stderr
        );
        done.stdout
    }

    /// `ip netns` finds the namespaces of every engine.
    pub fn link_names(&mut self) {
        for number in 1..=self.hosts {
            self.ok(&format!(
                "on h{number} ln -s /var/run/docker/netns /var/run/netns"
            ));
        }
    }

    /// A worker for the swarm that h1 manages.
    pub fn join(&mut self, host: &str) {
        let token = self.ok("docker swarm join-token -q worker");
        let token = token.trim();
        self.ok(&format!(
            "on {host} docker swarm join --token {token} 192.168.0.11:2377"
        ));
    }

    /// The last part of the path that each line prints, by its name.
    pub fn names(&mut self, of: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (name, line) in of {
            let mut line = (*line).to_owned();
            for (known, word) in &names {
                line = line.replace(&format!("<{known}>"), word);
            }
            let said = self.ok(&line);
            let word = said.trim().rsplit('/').next().unwrap_or_default();
            names.insert((*name).to_owned(), word.to_owned());
        }
        names
    }

    /// Types a script, its words between `<` and `>` filled in from the world where `docker` was typed.
    ///
    /// A line that begins with `[era ..]` is typed in these eras only. `#` begins a comment.
    pub fn typed(&mut self, script: &str, docker: &mut Self, names: &BTreeMap<String, String>) {
        let era = format!("{:?}", self.era).to_lowercase();
        for line in script.lines().map(str::trim) {
            let line = match line
                .strip_prefix('[')
                .and_then(|rest| rest.split_once("] "))
            {
                Some((eras, _)) if !eras.split(' ').any(|word| word == era) => continue,
                Some((_, rest)) => rest,
                None => line,
            };
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = docker.filled(line, names);
            self.ok(&line);
        }
    }

    fn filled(&mut self, line: &str, names: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('<') {
            let (word, after) = after.split_once('>').expect("every < has its >");
            out.push_str(before);
            out.push_str(&self.word(word, names));
            rest = after;
        }
        out + rest
    }

    /// `brd` is how an address gets a broadcast address; `mac NS DEV`, `peer NS DEV`, `peermac NS DEV` and
    /// `port NS tcp` are what Docker drew;
    /// `on h2 ..` asks another machine; a name alone is one of `names`.
    fn word(&mut self, word: &str, names: &BTreeMap<String, String>) -> String {
        let (on, asked) = match word
            .strip_prefix("on ")
            .and_then(|rest| rest.split_once(' '))
        {
            Some((host, asked)) => (format!("on {host} "), asked),
            None => (String::new(), word),
        };
        let words: Vec<&str> = asked.split(' ').collect();
        // A name may mean something else on each machine: `h2 c`.
        let host = on.trim_start_matches("on ").trim_end().to_owned();
        let known = |name: &str| {
            let own = names.get(&format!("{host}{name}"));
            own.or_else(|| names.get(name)).cloned()
        };
        let netns = |name: &str| match name {
            "-" => String::new(),
            name => {
                let name = known(name).unwrap_or_else(|| name.to_owned());
                format!("ip netns exec {name} ")
            }
        };
        match words[..] {
            ["brd"] if self.era == Era::Article => String::new(),
            ["brd"] => " brd +".to_owned(),
            ["mac", ns, dev] => {
                let dev = known(dev).unwrap_or_else(|| dev.to_owned());
                let link = self.ok(&format!("{on}{}ip -o link show {dev}", netns(ns)));
                after(&link, "link/ether").unwrap_or_else(|| panic!("{word}: {link}"))
            }
            [verb @ ("peer" | "peermac"), ns, dev] => {
                let link = self.ok(&format!("{on}{}ip -o link show {dev}", netns(ns)));
                let peer = link.split(['@', ':']).nth(2).unwrap_or_default().to_owned();
                let index = peer.strip_prefix("if").unwrap_or(&peer).to_owned();
                let all = self.ok(&format!("{on}ip -o link"));
                let found = all
                    .lines()
                    .find(|line| line.starts_with(&format!("{index}: ")));
                let found = found.unwrap_or_else(|| panic!("{word}: {link}{all}"));
                if verb == "peermac" {
                    return after(found, "link/ether").expect("a pair has addresses");
                }
                found[index.len() + 2..]
                    .split(['@', ':'])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            }
            ["port", ns, proto] => {
                let rules = self.ok(&format!(
                    "{on}{}iptables -t nat -S DOCKER_OUTPUT",
                    netns(ns)
                ));
                let mut lines = rules.lines();
                let rule = lines.find(|line| line.contains(&format!("-p {proto} ")));
                let rule = rule.unwrap_or_else(|| panic!("{word}: {rules}"));
                rule.rsplit(':').next().unwrap_or_default().to_owned()
            }
            [name] => known(name).unwrap_or_else(|| panic!("no word for {word}")),
            _ => panic!("no word for {word}"),
        }
    }

    /// The namespaces of a machine as `ip netns` lists them.
    fn netns_list(&mut self, host: &str) -> String {
        self.ok(&format!("on {host} ip netns list"))
    }
}

fn after(text: &str, word: &str) -> Option<String> {
    let mut words = text.split_whitespace().skip_while(|known| *known != word);
    words.nth(1).map(str::to_owned)
}

/// Blanks what no two runs have in common: timers that count down, and the hour at which rules were saved.
fn timeless(table: &str, text: &str) -> String {
    let timer = |word: &str| word.contains('.') && word.parse::<f64>().is_ok();
    let line = |line: &str| {
        let words = line
            .split(' ')
            .map(|word| if timer(word) { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    match table {
        "ip -d link" => lines.map(line).collect::<Vec<_>>().join("\n"),
        // How many packets met a policy depends on when it was typed.
        "iptables-save" | "ip6tables-save" => lines
            .map(|line| match line.split_once(" [") {
                Some((chain, _)) if line.starts_with(':') => chain,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n"),
        _ => lines.collect::<Vec<_>>().join("\n"),
    }
}

/// The lines of two texts side by side.
fn lines_of<'a>(ours: &'a str, theirs: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let count = ours.lines().count().max(theirs.lines().count());
    let all = |text: &'a str| text.lines().chain(std::iter::repeat("")).take(count);
    all(ours).zip(all(theirs))
}

/// Compares every table of every namespace of every machine.
pub fn equal(era: Era, docker: &mut Lab, hand: &mut Lab) {
    let mut differences = String::new();
    let mut note = |place: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            differences.push_str(&format!("{era:?}: {place}\n"));
            for (number, (our, their)) in lines_of(ours, theirs).enumerate() {
                if our != their {
                    differences.push_str(&format!(
                        "{number} docker:  {our}\n{number} by hand: {their}\n"
                    ));
                }
            }
        }
    };
    for number in 1..=docker.hosts {
        let host = format!("h{number}");
        let (ours, theirs) = (docker.netns_list(&host), hand.netns_list(&host));
        note(&format!("{host}: ip netns"), &ours, &theirs);
        let named = ours.lines().filter_map(|line| line.split(' ').next());
        let enters = named.map(|name| format!("ip netns exec {name} "));
        for enter in std::iter::once(String::new()).chain(enters) {
            for table in TABLES {
                let line = format!("on {host} {enter}{table}");
                let (ours, theirs) = (docker.ok(&line), hand.finish(&line));
                let theirs = theirs.stdout + &theirs.stderr;
                note(&line, &timeless(table, &ours), &timeless(table, &theirs));
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
