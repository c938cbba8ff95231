-- On the primary: whom it sends its log to, the one furthest behind first.
select coalesce(json_agg(r), '[]') from (
  select application_name, client_addr, state, sync_state,
    pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) as not_sent,
    pg_wal_lsn_diff(flush_lsn, replay_lsn) as not_replayed
  from pg_stat_replication order by not_sent desc nulls last) r;
