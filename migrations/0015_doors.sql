-- Tries at the sign-in by person and place, so that wrong ones shut nobody out but whoever makes them; people whom
-- nobody has handed a password yet.
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

-- A node of the version before forgets who handed out a password when its owner changes it twice. The account does not
-- free itself of that, whatever node it asks; the owner's role, which sets passwords from the command line, does.
create function handed_out_stays() returns trigger language plpgsql as $$
begin
    if current_user = 'tawi_app' and new.password_made_by is null then
        new.password_made_by := old.password_made_by;
    end if;
    return new;
end $$;
create trigger handed_out_stays before update of password_made_by on staff
    for each row execute function handed_out_stays();

create index approval_request_asked on approval_request (maker_id, operation, subject, made_at);
