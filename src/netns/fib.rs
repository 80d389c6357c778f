//! Routing tables and rules.
//! They answer lookups; they send nothing.
