-- On a replica: transactions of clients that are older than five minutes, the oldest first.
select coalesce(json_agg(q), '[]') from (
  select pid, usename, application_name, extract(epoch from now() - xact_start)::int as seconds, left(query, 80) as query
  from pg_stat_activity
  where backend_type = 'client backend' and xact_start < now() - interval '5 minutes'
  order by xact_start) q;
