-- A list: every client's session, for the record. Ending a session ends what could be known of it.
select coalesce(json_agg(s), '[]') from (
  select pid, usename, application_name, client_addr, state, backend_start, xact_start, state_change,
    wait_event_type, wait_event, pg_blocking_pids(pid) as blocked_by, left(query, 500) as query
  from pg_stat_activity where backend_type = 'client backend' order by xact_start nulls last limit 1000) s;
