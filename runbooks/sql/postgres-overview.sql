-- One object: what every PostgreSQL runbook begins with.
select json_build_object(
  'role', case when pg_is_in_recovery() then 'replica' else 'primary' end,
  'connections', (select count(*) from pg_stat_activity where backend_type = 'client backend'),
  'usable', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
  'idle_in_transaction', (
    select count(*) from pg_stat_activity
    where backend_type = 'client backend' and state like 'idle in transaction%' and state_change < now() - interval '10 minutes'),
  'waiting', (select count(*) from pg_stat_activity where wait_event_type = 'Lock'),
  'oldest', (
    select coalesce(extract(epoch from max(now() - xact_start))::int, 0) from pg_stat_activity
    where backend_type = 'client backend'));
