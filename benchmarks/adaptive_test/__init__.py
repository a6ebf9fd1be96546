"""The adaptive test over its public interface: what is kept when processes die, and what a step costs."""
