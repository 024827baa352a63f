-- Notices by their recipient, and an end to keeping them.
set local lock_timeout = '5s';

-- A recipient is a person, a role at a branch, or a role anywhere. The trigger writes it, so that a leader of the
-- version before does, too.
create table outbox_recipient (
    recipient text not null,
    position  bigint not null,
    primary key (recipient, position)
);
comment on table outbox_recipient is 'notices by whom they are for, in their order; not those that end a session';
create index outbox_recipient_position on outbox_recipient (position);
grant select on outbox_recipient to tawi_app;
grant select, insert, delete on outbox_recipient to tawi_job;
grant delete on outbox to tawi_job;
create index outbox_created on outbox (created_at);

create function outbox_recipients(branch smallint, staff_id text, roles text[]) returns setof text
    language sql immutable parallel safe
begin atomic
    select staff_id where staff_id is not null
    union
    select concat_ws('@', role, branch) from unnest(roles) role;
end;

create function outbox_addressed() returns trigger language plpgsql as $$
begin
    insert into outbox_recipient (recipient, position)
    select r.recipient, n.position
    from placed n, lateral outbox_recipients(n.branch, n.staff_id, n.roles) as r (recipient)
    where n.position is not null and n.body ->> 'kind' <> 'session_ended'
    on conflict do nothing;
    return null;
end $$;
create trigger outbox_addressed after update on outbox
    referencing new table as placed for each statement execute function outbox_addressed();

insert into outbox_recipient (recipient, position)
select r.recipient, n.position
from outbox n, lateral outbox_recipients(n.branch, n.staff_id, n.roles) as r (recipient)
where n.position is not null and n.body ->> 'kind' <> 'session_ended'
  -- Older ones are not kept any more.
  and n.created_at > now() - interval '30 days';
