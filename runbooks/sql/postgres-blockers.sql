-- A list: sessions that hold others up and wait for nobody themselves, the oldest first.
select coalesce(json_agg(b), '[]') from (
  select pid, usename, application_name, state, extract(epoch from now() - xact_start)::int as seconds, left(query, 80) as query
  from pg_stat_activity
  where cardinality(pg_blocking_pids(pid)) = 0
    and pid in (select unnest(pg_blocking_pids(pid)) from pg_stat_activity where wait_event_type = 'Lock')
  order by xact_start) b;
