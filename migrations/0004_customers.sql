-- Parties (natural persons) and customers. Both are bank-wide; what one branch sees of another's goes
-- through functions that mask it.
set local lock_timeout = '5s';

create table party (
    id            uuid primary key,
    first_name    text not null,
    other_names   text,
    surname       text not null,
    full_name     text not null generated always as
        (first_name || coalesce(' ' || other_names, '') || ' ' || surname) stored,
    search_name   text not null generated always as
        (lower(first_name || coalesce(' ' || other_names, '') || ' ' || surname)) stored,
    date_of_birth date not null,
    id_kind       text not null,
    id_number     text not null,
    kra_pin       text not null,
    phone         text not null,
    email         text,
    address       text not null,
    occupation    text not null,
    created_at    timestamptz not null default clock_timestamp(),
    constraint party_id_document unique (id_kind, id_number),
    constraint party_kra_pin unique (kra_pin)
);
create index party_phone on party (phone);
create index party_birth on party (date_of_birth);
create index party_name on party using gin (search_name gin_trgm_ops);

create sequence customer_serial as integer start 1000001 maxvalue 9999999;

create table customer (
    id              uuid primary key,
    number          text not null unique check (number ~ '^[0-9]{8}$'),
    party_id        uuid not null unique references party,
    kind            text not null check (kind in ('individual')),
    branch          smallint not null references branch,
    source_of_funds text not null,
    pep             boolean not null,
    risk_band       text not null check (risk_band in ('low', 'medium', 'high')),
    risk            jsonb not null,
    duplicate_reason text,
    review_due      date not null,
    since           date not null,
    version         bigint not null default 1,
    created_at      timestamptz not null default clock_timestamp()
);

-- A name for another branch's eyes: initials only.
create function mask_name(name text) returns text
    language sql immutable parallel safe
    return regexp_replace(name, '(\S)\S*', '\1•••••', 'g');

-- Searches under a row-security policy lose their index, and another branch's customers may be found
-- but not read: both are why these two functions run with their owner's rights. They refuse to answer
-- anybody who has no branch.
create function customer_search(by text, typed text, most integer)
    returns table (number text, name text, branch_code text, risk_band text, since date)
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
    -- The planner has no statistics for the trigram operators and would rather read everything.
    set plan_cache_mode = force_custom_plan
    -- Two letters swapped in one word of two still find the name.
    set pg_trgm.word_similarity_threshold = 0.4
as $$
begin
    if app_branches() is null then
        raise exception 'no branch is set' using errcode = '42501';
    end if;
    -- Only the arm that is asked for runs: the planner drops the others, so each keeps its index.
    return query
    with found as (
        select x.id from customer y join party x on x.id = y.party_id where by = 'number' and y.number = typed
        union all
        select x.id from party x where by = 'pin' and x.kra_pin = typed
        union all
        select x.id from party x where by = 'phone' and x.phone = typed
        union all
        select x.id from party x where by = 'id' and x.id_number = typed
        union all
        select x.id from party x
        where by = 'name' and (x.search_name %> typed
            or x.search_name like '%' || regexp_replace(typed, '([\\%_])', '\\\1', 'g') || '%')
    )
    select c.number,
           case when c.branch = any (app_branches()) then p.full_name else mask_name(p.full_name) end,
           b.code, c.risk_band, c.since
    from found f
    join party p on p.id = f.id
    join customer c on c.party_id = p.id
    join branch b on b.number = c.branch
    order by case when by = 'name' then word_similarity(typed, p.search_name) end desc, p.search_name, c.number
    limit least(most, 100);
end $$;

create function customer_duplicates(kind text, id_no text, pin text, mobile text, name text, born date)
    returns table (signal text, number text, name_shown text, branch_code text, version bigint)
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if app_branches() is null then
        raise exception 'no branch is set' using errcode = '42501';
    end if;
    return query
    select s.signal, c.number,
           case when c.branch = any (app_branches()) then p.full_name else mask_name(p.full_name) end,
           b.code, c.version
    from (
        select 'same_id' as signal, x.id as party_id from party x where x.id_kind = kind and x.id_number = id_no
        union all
        select 'same_pin', x.id from party x where x.kra_pin = pin
        union all
        (select 'same_phone', x.id from party x where x.phone = mobile limit 20)
        union all
        select 'same_name_and_birth', x.id from party x where x.date_of_birth = born
            -- The order of names does not matter: "otieno james" is "james otieno".
            and (select array_agg(w order by w) from regexp_split_to_table(x.search_name, '\s+') w)
              = (select array_agg(w order by w) from regexp_split_to_table(lower(name), '\s+') w)
    ) s
    join party p on p.id = s.party_id
    join customer c on c.party_id = p.id
    join branch b on b.number = c.branch
    order by s.signal, c.number;
end $$;

revoke execute on function customer_search, customer_duplicates from public;
grant execute on function customer_search, customer_duplicates to tawi_app;
grant select, insert on party, customer to tawi_app;
grant usage on sequence customer_serial to tawi_app;
