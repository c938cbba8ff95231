-- One object: whether this server takes writes. A replica does not, nor a server that was made read-only.
select json_build_object(
  'role', case when pg_is_in_recovery() then 'replica' else 'primary' end,
  'writable', not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off');
