-- Who holds how many connections, the largest holder first.
select coalesce(json_agg(c), '[]') from (
  select usename, application_name, client_addr, state, count(*) as connections,
    extract(epoch from max(now() - state_change))::int as longest_seconds
  from pg_stat_activity where backend_type = 'client backend'
  group by 1, 2, 3, 4 order by 5 desc limit 20) c;
