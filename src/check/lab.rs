//! A world that command lines are typed into, with the container engines that run in it, and what was typed so far.
//! What is judged in it is for `Monitor` and for the caller.

use std::time::Duration;

use super::{Network, Travel};
use crate::docker::Engines;
use crate::engine::Exhausted;
use crate::kernel::World;
use crate::scenario::hosts::HostsFile;
use crate::tool::{Finished, Shell};

/// A world to experiment in. It notes what is done, so that whatever fails can be written down.
///
/// ```
/// use vethlab::check::{Network, Part};
///
/// let network = Network::new(&[Part::Station { on: 0 }, Part::Station { on: 0 }]);
/// let mut lab = network.build(0).expect("every network builds");
/// assert_eq!(lab.run("ip netns exec s0 ping -c 1 10.0.0.2").status, 0);
/// assert!(lab.travel.script("As it was").ends_with("ip netns exec s0 ping -c 1 10.0.0.2\n"));
/// ```
#[derive(Clone, Debug)]
pub struct Lab {
    /// The world.
    pub world: World,
    /// The container engines of its hosts.
    pub docker: Engines,
    /// What was done since the network stood.
    pub travel: Travel,
}

impl Lab {
    /// A lab of a world in which nothing was typed yet.
    pub fn new(world: World) -> Self {
        Self {
            world,
            docker: Engines::default(),
            travel: Travel::default(),
        }
    }

    /// Runs a command line in the root namespace of the first host, and notes it with its status.
    pub fn run(&mut self, line: &str) -> Finished {
        let finished = self.quietly(line);
        self.travel.ran(line, finished.status);
        finished
    }

    /// Runs a command line and does not note it.
    pub fn quietly(&mut self, line: &str) -> Finished {
        Shell::new(&mut self.world)
            .with_docker(&mut self.docker)
            .run(line)
    }

    /// Lets virtual time pass, and notes it.
    ///
    /// # Errors
    /// Where a budget is used up: a storm.
    pub fn wait(&mut self, time: Duration) -> Result<(), Exhausted> {
        self.travel.waited(time);
        let until = self.world.now() + time;
        self.world.run_until(until)
    }
}

impl Network {
    /// A world with the hosts of the network, and nothing in them. A network of one host needs no underlay.
    pub fn world(&self, seed: u64) -> World {
        if self.hosts < 2 {
            return World::new(seed);
        }
        let names: Vec<String> = (1..=self.hosts)
            .map(|number| format!("h{number}"))
            .collect();
        let text = format!("hosts: [{}]\n", names.join(", "));
        let file: HostsFile = crate::scenario::read(text.as_bytes()).expect("a list of names");
        let plan = file
            .plan()
            .expect("names that differ, fewer than a file may have");
        plan.world(seed).expect("hosts with a card each")
    }

    /// Builds it in a world of its own.
    ///
    /// # Errors
    /// The first line that failed, and what became of it.
    pub fn build(&self, seed: u64) -> Result<Lab, (String, Finished)> {
        let mut lab = Lab::new(self.world(seed));
        self.build_in(&mut lab)?;
        Ok(lab)
    }

    /// Builds it in a lab that has its hosts, and nothing else; what was noted in the lab is forgotten.
    ///
    /// # Errors
    /// The first line that failed, and what became of it.
    pub fn build_in(&self, lab: &mut Lab) -> Result<(), (String, Finished)> {
        let commands = self.commands();
        for line in &commands {
            let finished = lab.quietly(line);
            if finished.status != 0 {
                return Err((line.clone(), finished));
            }
        }
        lab.travel = Travel::new(commands).with_hosts(self.hosts);
        Ok(())
    }
}
