// The outcome: a risky customer waits, appears in the supervisor's browser by itself, is approved.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decideTogether, newcomer, office } from "../doors.mjs";
import { accessible, allow, customer, fillCustomer, fullName, live, log, openCustomerForm, openPerson, picture, register, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

/** Two people of one branch: who asks, and who decides. */
async function pair(makerId = "RO-001", checkerId = "OS-001") {
  const officer = await openPerson(browser, portal);
  const supervisor = await openPerson(browser, portal);
  await signIn(officer, makerId);
  await signIn(supervisor, checkerId);
  return { officer, supervisor };
}

test("a high-risk customer is approved by a second person, live, side by side", async () => {
  // The inbox of a new branch is empty, whatever waits elsewhere.
  const { code } = await office(portal);
  const maker = newcomer(portal, [code, "relationship_officer"]);
  const checker = newcomer(portal, [code, "operations_supervisor"]);
  const { officer, supervisor } = await pair(maker.staffId, checker.staffId);
  await supervisor.page.goto("/approvals");
  await live(supervisor.page);
  await supervisor.page.getByText("Nothing waits for you").waitFor();

  const answers = customer({ pep: "yes" });
  await register(officer.page, answers, "Send for approval");
  const row = supervisor.page.getByRole("link", { name: `Register ${fullName(answers)}` });
  await row.waitFor({ timeout: 5000 });
  await supervisor.page.waitForFunction(() => document.title.startsWith("(1)"));
  await picture(supervisor.page, "inbox");
  await row.click();
  await supervisor.page.getByText("Politically exposed person (declared by the customer), 60 points").waitFor();
  await supervisor.page.locator("main").getByText(`Asked by ${maker.name}`).first().waitFor();
  await accessible(supervisor.page, "approval");
  await picture(supervisor.page, "approval");

  await officer.page.getByRole("link", { name: "Follow the request" }).click();
  await officer.page.getByRole("button", { name: "Take it back" }).waitFor();
  await live(officer.page);
  await supervisor.page.getByRole("button", { name: "Approve" }).click();
  await supervisor.page.getByText("Approved. RQ-").waitFor();
  await officer.page.getByRole("link", { name: "Open the customer" }).waitFor({ timeout: 5000 });
  await supervisor.page.getByText("Nothing waits for you").waitFor();
  await officer.page.getByRole("link", { name: "Open the customer" }).click();
  await officer.page.getByRole("heading", { name: fullName(answers) }).waitFor();
  await officer.page.getByText(`Registered the customer, as ${maker.staffId} asked`).waitFor();
  await accessible(officer.page, "customer");
  await picture(officer.page, "customer");
  await officer.end();
  await supervisor.end();
});

test("from commit to visible in the other browser", async () => {
  const { officer, supervisor } = await pair();
  await supervisor.page.goto("/approvals");
  await live(supervisor.page);
  const waits = [];
  for (let round = 0; round < 5; round++) {
    const answers = customer({ pep: "yes", first_name: `Round${"abcdefgh"[round]}`, other_names: "" });
    await openCustomerForm(officer.page);
    await fillCustomer(officer.page, answers);
    await officer.page.getByRole("button", { name: "Check the answers" }).click();
    await officer.page.getByRole("button", { name: "Send for approval" }).waitFor();
    const name = `Register ${fullName(answers)}`;
    const seen = supervisor.page.evaluate(
      (name) =>
        new Promise((resolve) => {
          const look = () => (document.body.innerText.includes(name) ? resolve(Date.now()) : requestAnimationFrame(look));
          look();
        }),
      name,
    );
    await officer.page.getByRole("button", { name: "Send for approval" }).click();
    const visible = await seen;
    const committed = Number(sql(portal.database, `select (extract(epoch from made_at) * 1000)::bigint from approval_request where payload ->> 'id_number' = '${answers.id_number}'`));
    waits.push(visible - committed);
  }
  waits.sort((a, b) => a - b);
  log(`request made -> visible in the second browser, ms: ${waits.join(", ")}; median ${waits[2]}`);
  assert.ok(waits.every((wait) => wait >= 0), "it is seen after it is made");
  await officer.end();
  await supervisor.end();
});

test("rejecting needs a reason; sending back lets the maker correct and send again", async () => {
  const { officer, supervisor } = await pair();
  const answers = customer({ pep: "yes", first_name: "Sarah", other_names: "" });
  await register(officer.page, answers, "Send for approval");
  allow(supervisor, /422/);
  await supervisor.page.goto("/approvals");
  await supervisor.page.getByRole("link", { name: `Register Sarah ${answers.surname}` }).click();
  await supervisor.page.getByRole("button", { name: "Reject" }).and(supervisor.page.locator(":enabled")).click();
  await supervisor.page.getByText("Write why you reject this").waitFor();
  await supervisor.page.getByLabel("Note").fill("Which public office does she hold?");
  await live(officer.page);
  await supervisor.page.getByRole("button", { name: "Send back" }).click();
  await supervisor.page.getByText("Sent back: RQ-").waitFor();
  await officer.page.goto("/");
  await officer.page.locator("main").getByText("Which public office does she hold?").first().waitFor();
  await picture(officer.page, "desk");
  await accessible(officer.page, "desk");
  await officer.page.getByRole("link", { name: `Register Sarah ${answers.surname}` }).click();
  await officer.page.getByRole("link", { name: "Correct and send again" }).click();
  await officer.page.locator("#first_name").waitFor();
  assert.equal(await officer.page.locator("#first_name").inputValue(), "Sarah");
  await officer.page.getByRole("button", { name: "Check the answers" }).and(officer.page.locator(":enabled")).waitFor();
  await officer.page.locator("#occupation").fill("County assembly member");
  await officer.page.getByRole("button", { name: "Check the answers" }).click();
  await officer.page.getByRole("button", { name: "Send for approval" }).click();
  await officer.page.getByRole("heading", { name: "Sent for approval" }).waitFor();
  await officer.end();
  await supervisor.end();
});

test("what was decided meanwhile is said, not done twice", async () => {
  const { officer, supervisor } = await pair();
  const { staffId } = newcomer(portal, ["NBO-HQ", "compliance_officer"], ["NBO-HQ", "operations_supervisor"]);
  const colleague = await openPerson(browser, portal);
  await signIn(colleague, staffId);
  await colleague.page.getByText("Operations supervisor").click();
  await colleague.page.getByRole("button", { name: "Go on" }).click();
  await colleague.page.waitForURL(/\/$/);
  const answers = customer({ pep: "yes", first_name: "Race", other_names: "" });
  await register(officer.page, answers, "Send for approval");
  for (const person of [supervisor, colleague]) {
    allow(person, /409/);
    await person.page.goto("/approvals");
    await person.page.getByRole("link", { name: `Register Race ${answers.surname}` }).click();
    await person.page.getByRole("button", { name: "Approve" }).and(person.page.locator(":enabled")).waitFor();
  }
  const statuses = await decideTogether([supervisor, colleague], (page) => page.getByRole("button", { name: "Approve" }).click());
  assert.deepEqual(statuses, [200, 409]);
  for (const person of [supervisor, colleague]) {
    await person.page.locator(".stem").getByText(/^Approved, /).waitFor();
    await person.end();
  }
  assert.equal(sql(portal.database, `select count(*) from party where id_number = '${answers.id_number}'`), "1");
  await officer.end();
});

test("a stream that was cut off catches up", async () => {
  const { officer, supervisor } = await pair();
  await supervisor.page.goto("/approvals");
  await live(supervisor.page);
  allow(supervisor, /ERR_INTERNET_DISCONNECTED|ERR_NETWORK/, /Failed to fetch/);
  await supervisor.context.setOffline(true);
  const answers = customer({ pep: "yes", first_name: "Missed", other_names: "" });
  await register(officer.page, answers, "Send for approval");
  await supervisor.context.setOffline(false);
  await supervisor.page.getByRole("link", { name: `Register Missed ${answers.surname}` }).waitFor({ timeout: 15000 });
  await officer.end();
  await supervisor.end();
});
