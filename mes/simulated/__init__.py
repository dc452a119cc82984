"""The simulated plant as a process of its own, and the people in it: for the demonstration and for dry runs."""
