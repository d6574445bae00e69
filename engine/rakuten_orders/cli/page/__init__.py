"""The page of supported carriers, for sellers: one file that works without a server, a network or a build."""
