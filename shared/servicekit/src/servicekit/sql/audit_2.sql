-- The audit trail, version 2. Never edit: add audit_3.sql.

-- Whom somebody stood in for: several accounts, with a space between them.
create index ix_audit_lines_on_behalf_of on audit_lines using gin (string_to_array(on_behalf_of, ' '));
