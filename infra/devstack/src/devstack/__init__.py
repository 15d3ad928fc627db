"""The local stack: real servers and services on one machine, without Docker."""
