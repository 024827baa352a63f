// The browser's figures: how heavy and how many the first load is, and from commit to visible elsewhere.
import { customer, fillCustomer, live, openPerson, signIn, sql, startBrowser, startPortal } from "../end2end/portal.mjs";

const ROUNDS = 5;
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

const waits = [];
const officer = await openPerson(browser, portal);
const supervisor = await openPerson(browser, portal);
await signIn(officer, "RO-001");
await signIn(supervisor, "OS-001");
await supervisor.page.goto("/approvals");
await live(supervisor.page);
for (let round = 0; round < ROUNDS; round++) {
  const answers = customer({ pep: "yes", first_name: `Round${"abcdefgh"[round]}`, other_names: "" });
  await officer.page.goto("/customers/new");
  await officer.page.getByRole("button", { name: "Check the answers" }).and(officer.page.locator(":enabled")).waitFor();
  await fillCustomer(officer.page, answers);
  await officer.page.getByRole("button", { name: "Check the answers" }).click();
  await officer.page.getByRole("button", { name: "Send for approval" }).waitFor();
  const seen = supervisor.page.evaluate(
    (name) =>
      new Promise((resolve) => {
        const look = () => (document.querySelector("main").innerText.includes(name) ? resolve(Date.now()) : requestAnimationFrame(look));
        look();
      }),
    `Register ${answers.first_name}`,
  );
  await officer.page.getByRole("button", { name: "Send for approval" }).click();
  const visible = await seen;
  waits.push(visible - Number(sql(portal.database, "select (extract(epoch from max(made_at)) * 1000)::bigint from approval_request")));
}
await officer.end();
await supervisor.end();
await browser.close();
await portal.stop();
console.log(
  JSON.stringify([
    row("alert_two_browsers_ms", waits, "ms", 1000),
    row("first_load_kb", bytes, "kB brotli", 450),
    row("area_load_kb_customers", areas["/customers"], "kB brotli", null),
    row("area_load_kb_loans", areas["/loans"], "kB brotli", null),
    row("first_load_requests", requests, "requests", null),
  ]),
);
