"""How long evaluation takes, in validations: what a budget of minutes keeps back for it."""

OVERHEAD = 1.3
"""Times the network's own share: preparing, bringing back, scoring and writing (measured 1.1 to 1.4
on pictures of a million pixels and on volumes of the hippocampus)."""
