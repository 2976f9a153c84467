"""HTTP as both programs speak it: a hardened server, and every error as a problem."""
