// The browser's figures: how heavy and how many the first load is, and from commit to visible elsewhere.
import { client } from "../end2end/doors.mjs";
import { awake, customer, fillApplication, fillCustomer, live, openPerson, signIn, sql, startBrowser, startPortal } from "../end2end/portal.mjs";

const ROUNDS = 5;
const ACTIONS = 20;
const median = (rounds) => [...rounds].sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
const row = (id, rounds, unit, goal) => ({ id, value: median(rounds), unit, goal, better: "lower", rounds });

const portal = await startPortal();
const browser = await startBrowser();

const bytes = [];
const requests = [];
const areas = { "/customers": [], "/loans": [] };
for (let round = 0; round < ROUNDS; round++) {
  const person = await openPerson(browser, portal);
  await signIn(person, "BM-001");
  const { cookies } = await person.context.storageState();
  const cold = await openPerson(browser, portal);
  await cold.context.addCookies(cookies);
  const session = await cold.context.newCDPSession(cold.page);
  await session.send("Network.enable");
  let size = 0;
  let count = 0;
  session.on("Network.responseReceived", ({ type }) => {
    if (type !== "EventSource") count++;
  });
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (size += encodedDataLength));
  await cold.page.goto("/");
  await live(cold.page);
  bytes.push(size / 1024);
  requests.push(count);
  for (const [path, rounds] of Object.entries(areas)) {
    let further = 0;
    const files = new Set();
    const part = ({ requestId, response }) => response.url.includes("/pkg/") && !response.fromDiskCache && files.add(requestId);
    const loaded = ({ requestId, encodedDataLength }) => files.has(requestId) && (further += encodedDataLength);
    session.on("Network.responseReceived", part);
    session.on("Network.loadingFinished", loaded);
    await cold.page.goto(path);
    await live(cold.page);
    await cold.page.waitForLoadState("networkidle");
    session.off("Network.responseReceived", part);
    session.off("Network.loadingFinished", loaded);
    rounds.push(further / 1024);
  }
  await cold.end();
  await person.end();
}

/** Milliseconds from the commit of the newest request to the moment another page shows a text. */
async function alert(watcher, text, send) {
  const seen = watcher.page.evaluate(
    (text) =>
      new Promise((resolve) => {
        const look = () => (document.querySelector("main").innerText.includes(text) ? resolve(Date.now()) : requestAnimationFrame(look));
        look();
      }),
    text,
  );
  await send();
  const visible = await seen;
  return visible - Number(sql(portal.database, "select (extract(epoch from max(made_at)) * 1000)::bigint from approval_request"));
}

const waits = [];
const loanWaits = [];
const officer = await openPerson(browser, portal);
const supervisor = await openPerson(browser, portal);
const lender = await openPerson(browser, portal);
const creditor = await openPerson(browser, portal);
await signIn(officer, "RO-001");
await signIn(supervisor, "OS-001");
await signIn(lender, "LO-001");
await signIn(creditor, "CS-001");
for (const watcher of [supervisor, creditor]) {
  await watcher.page.goto("/approvals");
  await live(watcher.page);
}
const button = (person, name) => person.page.getByRole("button", { name, exact: true });
for (let round = 0; round < ROUNDS; round++) {
  const answers = customer({ pep: "yes", first_name: `Round${"abcdefgh"[round]}`, other_names: "" });
  await officer.page.goto("/customers/new");
  await awake(officer.page);
  await fillCustomer(officer.page, answers);
  await button(officer, "Check the answers").click();
  await button(officer, "Send for approval").waitFor();
  waits.push(await alert(supervisor, `Register ${answers.first_name}`, () => button(officer, "Send for approval").click()));
}
for (let round = 0; round < ROUNDS; round++) {
  const { cif } = await client(portal);
  await fillApplication(lender.page, cif, { amount: `1${round},000` });
  await button(lender, "Check the answers").click();
  await button(lender, "Send for approval").waitFor();
  loanWaits.push(await alert(creditor, `Lend KES 1${round},000.00`, () => button(lender, "Send for approval").click()));
}

// One of the loans is approved and paid out, and repaid in small sums: each a saved action, there and back.
async function approve(title) {
  await creditor.page.goto("/approvals");
  await creditor.page.getByRole("link", { name: title }).click();
  await creditor.page.getByRole("button", { name: "Approve" }).click();
  await creditor.page.getByText("Approved. RQ-").waitFor();
}
await approve("Lend KES 10,000.00");
const loan = sql(portal.database, "select number from loan");
await lender.page.goto(`/loans/${loan}/pay-out`);
await awake(lender.page);
await button(lender, "Check the answers").click();
await button(lender, "Send for approval").click();
await lender.page.getByRole("heading", { name: "Sent for approval" }).waitFor();
await approve("Pay out KES 10,000.00");
const actions = [];
for (let nth = 0; nth < ACTIONS; nth++) {
  await lender.page.goto(`/loans/${loan}/repay`);
  await awake(lender.page);
  await lender.page.getByLabel("Amount").fill("10");
  await button(lender, "Check the answers").click();
  await button(lender, "Take the repayment").waitFor();
  actions.push(
    await lender.page.evaluate(
      () =>
        new Promise((resolve) => {
          const began = performance.now();
          const look = () => (document.querySelector("main").innerText.includes("Repayment taken") ? resolve(performance.now() - began) : requestAnimationFrame(look));
          [...document.querySelectorAll("main button")].find((button) => button.innerText === "Take the repayment").click();
          look();
        }),
    ),
  );
}
const p95 = [...actions].sort((a, b) => a - b)[Math.ceil(ACTIONS * 0.95) - 1];
await lender.end();
await creditor.end();
await officer.end();
await supervisor.end();
await browser.close();
await portal.stop();
console.log(
  JSON.stringify([
    row("alert_two_browsers_ms", waits, "ms", 1000),
    row("alert_two_browsers_ms_loan", loanWaits, "ms", 1000),
    { id: "action_p95_ms", value: p95, unit: "ms", goal: 60, better: "lower", rounds: actions },
    row("first_load_kb", bytes, "kB brotli", 450),
    row("area_load_kb_customers", areas["/customers"], "kB brotli", null),
    row("area_load_kb_loans", areas["/loans"], "kB brotli", null),
    row("first_load_requests", requests, "requests", null),
  ]),
);
