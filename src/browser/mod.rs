//! All effects. Decides nothing.
