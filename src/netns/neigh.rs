//! The neighbour tables of ARP and ND.
//! They decide what to send and when; they send nothing.
