-- What the application's role never writes: the place of a notice, which the leader gives, and the key of a job's
-- chunk, which the program's own work takes. Rows that a dump brings are written by the owner.
set local lock_timeout = '5s';
alter table outbox
    add constraint outbox_position_by_leader check (position is null or current_user <> 'tawi_app') not valid;
alter table idempotency_key
    add constraint idempotency_key_of_a_job check (key not like 'job:%' or current_user <> 'tawi_app') not valid;
