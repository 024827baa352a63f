-- Tries at the sign-in by person and place, so that wrong ones shut nobody out but whoever makes them; people whom
-- nobody has handed a password yet.
set local lock_timeout = '5s';

create table sign_in_try (
    staff_id text not null check (length(staff_id) <= 20),
    place    text not null check (length(place) <= 80),
    tried_at timestamptz[] not null,
    primary key (staff_id, place)
);
comment on table sign_in_try is 'by staff ID as it was typed, whether there is such a person or not';
comment on column sign_in_try.place is 'a device the person has signed in from before, or the address of any other';
grant select, insert, update, delete on sign_in_try to tawi_app;
grant select, delete on sign_in_try to tawi_job;

alter table staff add column awaits_password boolean not null default false;
comment on column staff.awaits_password is
    'nobody knows a password of this person yet: who asks for their first role and who approves it each hand out half';
comment on column staff.password_made_by is
    'who was shown the whole password, by a version that showed one: neither of the two is a second pair of eyes for the '
    'other until another was handed out in halves';
grant insert (awaits_password), update (awaits_password) on staff to tawi_app;

-- A node of the version before forgets who handed out a password when its owner changes it twice. The account does not
-- free itself of that, whatever node it asks; the owner's role, which sets passwords from the command line, does.
create function handed_out_stays() returns trigger language plpgsql as $$
begin
    if current_user = 'tawi_app' and new.password_made_by is null and new.password_expires_at is null then
        new.password_made_by := old.password_made_by;
    end if;
    return new;
end $$;
create trigger handed_out_stays before update of password_made_by on staff
    for each row execute function handed_out_stays();

create index approval_request_asked on approval_request (maker_id, operation, subject, made_at);

-- What no operation writes and no list can show: dates without an end, amounts that are none, gaps in lists. One such row
-- would stop everybody's page. What stands there already stays.
alter table outbox
    add constraint outbox_readable check (
        isfinite(created_at) and created_at < '9999-01-01' and array_position(roles, null) is null) not valid;
alter table approval_request
    add constraint approval_request_readable check (
        isfinite(made_at) and made_at < '9999-01-01' and amount <> 'NaN' and array_position(checkers, null) is null
        and review ->> 'title' is not null) not valid;
alter table staff_role
    add constraint staff_role_readable check (
        isfinite(valid_from) and isfinite(coalesce(valid_to, valid_from)) and limit_amount <> 'NaN') not valid;
alter table branch
    add constraint branch_readable check (isfinite(business_date)) not valid;
alter table session
    add constraint session_readable check (
        isfinite(created_at) and isfinite(seen_at) and isfinite(expires_at) and isfinite(ends_at)
        and greatest(created_at, seen_at, expires_at, ends_at) < '9999-01-01' and jsonb_typeof(data) = 'object') not valid;
