-- On the primary: slots that nobody uses, and how much log each of them keeps.
select coalesce(json_agg(s), '[]') from (
  select slot_name, active, wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) as kept
  from pg_replication_slots where not active order by kept desc nulls last) s;
