"""The sync job put to torture: processes killed with SIGKILL, calls faulted, disks full, clocks set back.

``make torture`` runs it with a seed that it prints; ``make torture SEED=7`` runs the same plan again. What is killed,
faulted and done is decided by the seed; when the operating system lets a process run is not.
"""
