// One person works while another takes what they can: unfinished connections and forms, streams, searches, knocks at the sign-in without an end. What
// the first waits for at most, to what they wait for when they are alone. Rounds in turn, the median of their ratios.
import { connect } from "node:net";
import { at } from "../end2end/doors.mjs";
import { sql, startPortal } from "../end2end/portal.mjs";

const ROUNDS = 5;
const ACTS = 120;
const SLOW = 100;
const SEARCHES = 100;
const CUSTOMERS = 100_000;
const STREAMS = 12;
const median = (rounds) => [...rounds].sort((a, b) => a - b)[Math.floor(rounds.length / 2)];

const portal = await startPortal();
sql(
  portal.database,
  // Damm's check digit, as customers' numbers have it.
  `create function pg_temp.checked(figures text) returns text language plpgsql as $$
   declare
     steps text[] := '{0317598642,7092154863,4206871359,1750983426,6123045978,3674209581,5869720134,8945362017,9438617205,2581436790}';
     state int := 0;
   begin
     for at in 1..length(figures) loop
       state := substr(steps[state + 1], substr(figures, at, 1)::int + 1, 1)::int;
     end loop;
     return figures || state;
   end $$;
   create temp table many as
     select gen_random_uuid() as party, gen_random_uuid() as customer, nth from generate_series(1, ${CUSTOMERS}) nth;
   insert into party (id, first_name, surname, date_of_birth, id_kind, id_number, kra_pin, phone, address, occupation)
     select party, (array['Amina', 'Brian', 'Caroline', 'David', 'Esther', 'Faith', 'Grace', 'Hassan'])[nth % 8 + 1],
            (array['Njeri', 'Otieno', 'Wanjiku', 'Mutua', 'Chebet', 'Barasa', 'Achieng'])[nth % 7 + 1] || substr(md5(nth::text), 1, 5),
            date '1960-01-01' + (nth % 15000), 'national_id', (20000000 + nth)::text, 'A' || lpad(nth::text, 9, '0') || 'K',
            '+2547' || lpad(nth::text, 8, '0'), 'Nairobi', 'Trader'
     from many;
   insert into customer (id, number, party_id, kind, branch, source_of_funds, pep, risk_band, risk, review_due, since)
     select customer, pg_temp.checked((2000000 + nth)::text), party, 'individual', nth % 3 + 1, 'salary', false, 'low',
            '{"points": 0, "band": "low", "reasons": []}', date '2030-01-01', date '2026-01-01'
     from many;
   analyze party; analyze customer`,
);
const worker = await at(portal, "LO-001");
const taker = await at(portal, "RO-001");

/** Asks as somebody; answers the status. What was answered is read whole. */
async function ask({ cookie }, path, fields) {
  const headers = { cookie, accept: fields ? "application/json" : "text/html" };
  const answer = await fetch(portal.url + path, { method: fields ? "POST" : "GET", headers, body: fields && new URLSearchParams(fields) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Milliseconds of one act after another: the slowest but one in a hundred. */
async function p99() {
  const waits = [];
  for (let nth = 0; nth < ACTS; nth++) {
    const since = performance.now();
    const status = await (nth % 2 ? ask(worker, "/api/frame", {}) : ask(worker, "/loans"));
    if (status !== 200) throw new Error(`the one who works was answered ${status}`);
    waits.push(performance.now() - since);
  }
  return waits.sort((a, b) => a - b)[Math.ceil(ACTS * 0.99) - 1];
}

/** Takes what can be taken until it is told to stop. */
function crowd() {
  let going = true;
  const { hostname, port } = new URL(portal.url);
  const lines = new Set();
  const slow = () => {
    const begun = lines.size % 2 ? "GET / HTTP/1.1\r\nhost: " : `POST /sign-in HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 99\r\n\r\nst`;
    const line = connect(Number(port), hostname, () => line.write(begun));
    lines.add(line);
    line.on("error", () => {});
    line.on("close", () => {
      lines.delete(line);
      if (going) setTimeout(slow, 50);
    });
  };
  for (let nth = 0; nth < SLOW; nth++) slow();
  const off = new AbortController();
  const streams = Array.from({ length: STREAMS }, () =>
    fetch(`${portal.url}/live?after=0`, { headers: { cookie: taker.cookie }, signal: off.signal })
      .then((stream) => stream.arrayBuffer())
      .catch(() => {}),
  );
  const search = async (nth) => {
    for (let round = nth; going; round++) {
      const status = await ask(taker, "/api/customer_search", { q: ["amina", "njeri", "wan", "che"][round % 4] }).catch(() => 0);
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const nobody = { cookie: "" };
  const knock = async (path, fields) => {
    while (going) {
      await ask(nobody, path, fields).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const knocks = [knock("/health"), knock("/sign-in", { staff_id: "ZZ-404", password: "a guess" })];
  const searches = Array.from({ length: SEARCHES }, (_, nth) => search(nth));
  return async () => {
    going = false;
    for (const line of lines) line.destroy();
    off.abort();
    await Promise.all([...searches, ...streams, ...knocks]);
  };
}

await p99();
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const idle = await p99();
  const end = crowd();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const busy = await p99();
  await end();
  rounds.push(busy / idle);
  console.log(`alone ${idle.toFixed(1)} ms, in the crowd ${busy.toFixed(1)} ms`);
}
await portal.kill();
console.log(JSON.stringify([{ id: "crowd_p99_ratio", value: median(rounds), unit: "ratio", goal: 2, better: "lower", rounds }]));
process.exit(0);
