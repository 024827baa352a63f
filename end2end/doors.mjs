// What a test needs and is not about: people, branches, customers, accounts and loans. They are made through
// the portal's own doors, as the people of the demonstration would make them, and each call makes new ones, so
// that no test meets another's data. Nothing else in the browser tests knows the doors.
import { randomUUID } from "node:crypto";
import { PASSWORD, customer, fullName } from "./portal.mjs";

const sessions = new WeakMap();

async function post(portal, path, cookie, fields) {
  const headers = { cookie, accept: "application/json" };
  return fetch(portal.url + path, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(fields) });
}

/** Opens a session without a browser; answers its cookie. */
async function signInAtTheDoor(portal, staffId) {
  const answer = await post(portal, "/sign-in", "", { staff_id: staffId, password: PASSWORD });
  const cookie = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-tawi="));
  if (answer.headers.get("location") !== "/" || !cookie) {
    throw new Error(`${staffId} does not get in: ${answer.status} ${answer.headers.get("location")}`);
  }
  return cookie.split(";")[0];
}

/** Somebody who holds one seat, without a browser. */
export async function at(portal, staffId) {
  if (!sessions.has(portal)) sessions.set(portal, new Map());
  const known = sessions.get(portal);
  if (!known.has(staffId)) known.set(staffId, await signInAtTheDoor(portal, staffId));
  return { portal, staffId, cookie: known.get(staffId) };
}

async function call({ portal, staffId, cookie }, door, fields) {
  const answer = await post(portal, `/api/${door}`, cookie, fields);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${staffId} at ${door}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const inForm = (form) => Object.fromEntries(Object.entries(form).map(([name, value]) => [`form[${name}]`, value]));

/** The door through which every operation's form is sent. */
const SUBMIT = "submit";

/** Does an operation, or asks for its approval; answers the receipt. */
export async function submit(person, operation, form, key = randomUUID()) {
  return (await call(person, SUBMIT, { operation, form: JSON.stringify(form), key })).receipt;
}

/** Approves a request as somebody who looked at it; answers the number of what came of it. */
export async function approve(person, request) {
  const { payload_hash, key } = await call(person, "request", { id: request });
  await call(person, "decide", inForm({ request, payload_hash, verdict: "approve", note: "", key: `${key}-approve` }));
  const { row, effect } = await call(person, "request", { id: request });
  if (!effect) throw new Error(`${row.title} is ${row.state}`);
  return effect;
}

/** Lets a test stand between a page and the door through which it sends an operation's form. */
export async function whenSubmitting(page, operation, handler) {
  await page.route(`**/api/${SUBMIT}`, async (route) => {
    const sent = new URLSearchParams(route.request().postData() ?? "");
    await (sent.get("operation") === operation ? handler(route) : route.continue());
  });
}

/** Several people decide at once: each decision waits on its way until all are under way. Answers the statuses. */
export async function decideTogether(people, press) {
  const door = "**/api/decide";
  let underWay = 0;
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const answers = [];
  for (const { page } of people) {
    await page.route(door, async (route) => {
      if (++underWay === people.length) open();
      await gate;
      await route.continue();
    });
    answers.push(page.waitForResponse(door));
    await press(page);
  }
  return (await Promise.all(answers)).map((answer) => answer.status()).sort();
}

const STAFF_NAMES = ["Agnes", "Boniface", "Caroline", "Dennis", "Eunice", "Fredrick", "Gladys", "Henry"];
const STAFF_SURNAMES = ["Wekesa", "Nyambura", "Langat", "Atieno", "Musyoka"];
let newcomers = 0;

/** Somebody new on the staff; a seat is a branch's code, a role and perhaps a limit. */
export function newcomer(portal, ...seats) {
  const nth = newcomers++;
  const staffId = `NN-${String(nth + 101)}`;
  const name = `${STAFF_NAMES[nth % STAFF_NAMES.length]} ${STAFF_SURNAMES[nth % STAFF_SURNAMES.length]}`;
  portal.tell(PASSWORD, "staff", "add", staffId, name);
  for (const [branch, role, limit] of seats) {
    portal.run("staff", "role", staffId, "--branch", branch, "--role", role, ...(limit ? ["--limit", limit] : []));
  }
  return { staffId, name };
}

/** The cookie's value of a session that has ended. It was somebody else's, so that no stream speaks of its end. */
export async function endedSession(portal) {
  const cookie = await signInAtTheDoor(portal, newcomer(portal, ["NBO-HQ", "teller"]).staffId);
  await post(portal, "/sign-out", cookie, {});
  return cookie.slice(cookie.indexOf("=") + 1);
}

let offices = 0;

/** A new branch, for who needs an empty inbox, no loan but their own, or a business date nobody else moves. */
export async function office(portal) {
  const number = String(101 + offices++);
  const code = `OFF-${number}`;
  const asked = await submit(await at(portal, "AD-001"), "branch_setup", { number, code, name: `Office ${number}` });
  await approve(await at(portal, "HB-001"), asked.request);
  return { number, code };
}

/** A customer with a savings account, at the officer's branch. */
export async function client(portal, officer = "RO-001") {
  const person = await at(portal, officer);
  const answers = customer();
  const { effect: cif } = await submit(person, "cif_create", answers);
  const opening = { customer: cif, kind: "savings", deposit: "25,000" };
  const { effect: account } = await submit(person, "account_opening", opening);
  return { cif, account, name: fullName(answers) };
}

/** A customer who was lent 120,000 over twelve months today. */
export async function borrower(portal, { officer = "RO-001", lender = "LO-001", supervisor = "CS-001" } = {}) {
  const who = await client(portal, officer);
  const [asks, decides] = [await at(portal, lender), await at(portal, supervisor)];
  const terms = { product: "BIASHARA", amount: "120,000", months: "12", purpose: "Stock for the shop" };
  const form = { customer: who.cif, account: who.account, ...terms };
  const loan = await approve(decides, (await submit(asks, "loan_application", form)).request);
  await approve(decides, (await submit(asks, "disbursement", { loan })).request);
  return { ...who, loan };
}
