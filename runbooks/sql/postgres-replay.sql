-- On a replica (PostgreSQL 14 and newer): whether it receives, and whether somebody paused its replay.
select json_build_object(
  'paused', pg_get_wal_replay_pause_state(),
  'receiving', exists(select from pg_stat_wal_receiver where status = 'streaming'));
