"""Provisioning by SCIM (RFC 7644)."""

PREFIX = "/scim/v2"
