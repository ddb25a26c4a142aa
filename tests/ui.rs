//! What the attribute says to those who made a mistake.
