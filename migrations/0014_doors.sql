-- Tries at the sign-in by person and place, so that wrong ones shut nobody out but whoever makes them; people whom
-- nobody has handed a password yet; notices by their recipient, and an end to keeping them.
set local lock_timeout = '5s';

create table sign_in_try (
    staff_id text not null check (length(staff_id) <= 20),
    place    text not null check (length(place) <= 80),
    tries    integer not null check (tries > 0),
    since    timestamptz not null,
    primary key (staff_id, place)
);
comment on table sign_in_try is 'by staff ID as it was typed, whether there is such a person or not';
comment on column sign_in_try.place is 'a device the person has signed in from before, or the address of any other';
create index sign_in_try_since on sign_in_try (since);
grant select, insert, update, delete on sign_in_try to tawi_app;
grant select, delete on sign_in_try to tawi_job;

alter table staff add column awaits_password boolean not null default false;
comment on column staff.awaits_password is
    'nobody knows a password of this person yet: whoever approves their first role is shown one';
comment on column staff.password_made_by is
    'who handed out the password: neither of the two is a second pair of eyes for the other until somebody else has '
    'handed out another';
grant insert (awaits_password), update (awaits_password) on staff to tawi_app;

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
where n.position is not null and n.body ->> 'kind' <> 'session_ended';
