// The frame: who sees what, sign-in and sign-out, sessions, streams that end, sizes and themes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { newcomer } from "../doors.mjs";
import { PASSWORD, accessible, allow, customer, fillCustomer, live, openCustomerForm, openPerson, picture, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

test("signing in asks for branch and role only where there is a choice, and goes where it was meant to", async () => {
  const person = await openPerson(browser, portal);
  const { page } = person;
  await page.goto("/customers?q=amina");
  assert.match(page.url(), /sign-in\?next=/);
  await accessible(page, "sign-in");
  await picture(page, "sign-in");
  await page.getByText("nobody asks you for it by telephone").waitFor();
  await page.getByLabel("Staff ID").fill("RM-001");
  await page.getByLabel("Password", { exact: true }).fill("not this");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Staff ID or password is wrong").waitFor();
  assert.equal(await page.getByLabel("Staff ID").inputValue(), "RM-001", "what was typed stays");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Where do you work today?").waitFor();
  await accessible(page, "seat");
  await picture(page, "seat");
  await page.getByText("MSA-01 · Mombasa").click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForURL(/customers\?q=amina/);
  await page.getByText("MSA-01").first().waitFor();
  await person.end();
});

test("without WASM people sign in and out", async () => {
  const person = await openPerson(browser, portal, { javaScriptEnabled: false });
  // A browser that runs no scripts does not load them ahead either.
  allow(person, /\.js csp/);
  await signIn(person, "LO-001");
  await person.page.getByRole("heading", { name: "Good day, Brian" }).waitFor();
  await person.page.getByText("Demonstration").waitFor();
  await person.page.getByRole("button", { name: "Sign out" }).click();
  await person.page.waitForURL(/sign-in/);
  await person.end();
});

/** The rail of a role: what the README's table, which comes from the operation table, says begins on a page. */
function rail(role) {
  const [, table] = readFileSync(new URL("../../README.md", import.meta.url), "utf8").split(/<!-- \/?operations -->/);
  const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  const mine = rows.filter(([, , , makers, , where]) => {
    const begins = where?.startsWith("`/") && !where.includes(":") && where !== "`/sign-in`";
    return begins && ["everybody", role].some((who) => makers.split(", ").includes(who));
  });
  return ["Desk", ...mine.map(([, , title]) => title)];
}

test("each role has the rail of the operation table, and no more", async () => {
  const roles = {
    "RO-001": "relationship officer",
    "OS-001": "operations supervisor",
    "LO-001": "loan officer",
    "CS-001": "credit supervisor",
    "TL-001": "teller",
    "BM-001": "branch manager",
    "AU-001": "auditor",
    "AD-001": "administrator",
  };
  assert.deepEqual(rail("teller"), ["Desk", "Customers", "Signed in"]);
  for (const [staffId, role] of Object.entries(roles)) {
    const items = rail(role);
    const person = await openPerson(browser, portal);
    await signIn(person, staffId);
    const { page } = person;
    await page.locator(".rail a.item").first().waitFor();
    assert.deepEqual((await page.locator(".rail a.item").allInnerTexts()).map((text) => text.trim()), items, staffId);
    for (const link of await page.locator(".rail a.item").evaluateAll((links) => links.map((link) => link.getAttribute("href")))) {
      const answer = await page.goto(link);
      assert.equal(answer.status(), 200, `${staffId} ${link}`);
      await live(page);
    }
    await accessible(page, `sessions of ${staffId}`);
    await person.end();
  }
});

test("pages that are not theirs or not there say so, with the status", async () => {
  const person = await openPerson(browser, portal);
  allow(person, /40[34]/);
  await signIn(person, "TL-001");
  const { page } = person;
  for (const [path, status, words] of [
    ["/customers/new", 403, "Teller may not do this"],
    ["/approvals", 403, "Teller may not do this"],
    ["/nowhere/at/all", 404, "There is no such page"],
    // The last number there can be, and one on the way to it: neither is ever reached here.
    ["/customers/99999992", 404, "no customer with this number"],
    ["/customers/12345671", 404, "no customer with this number"],
  ]) {
    const answer = await page.goto(path);
    assert.equal(answer.status(), status, path);
    await page.getByText(words).first().waitFor();
    await accessible(page, path);
  }
  await person.end();
});

test("signing out ends the other tab's stream within a second", async () => {
  const person = await openPerson(browser, portal);
  allow(person, /401/);
  await signIn(person, "RO-001");
  const tab = await person.context.newPage();
  await tab.goto("/");
  await live(tab);
  await live(person.page);
  await person.page.getByRole("button", { name: "Sign out" }).click();
  await tab.locator(".live.off").waitFor({ timeout: 1000 });
  await tab.getByRole("dialog", { name: "Sign in to go on" }).waitFor();
  await person.end();
});

test("a disabled person's stream ends within a second, and the door stays shut", async () => {
  const { staffId } = newcomer(portal, ["NBO-HQ", "teller"]);
  const person = await openPerson(browser, portal);
  allow(person, /401|422/);
  await signIn(person, staffId);
  await live(person.page);
  const ended = person.page.locator(".live.off").waitFor({ timeout: 3000 });
  portal.run("staff", "disable", staffId);
  await ended;
  const dialog = person.page.getByRole("dialog", { name: "Sign in to go on" });
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.getByText("Staff ID or password is wrong").waitFor();
  await person.end();
});

test("a person sees and ends their own sessions", async () => {
  const { staffId } = newcomer(portal, ["NBO-HQ", "head_of_branch_banking"]);
  const here = await openPerson(browser, portal);
  const there = await openPerson(browser, portal);
  allow(there, /401/);
  await signIn(here, staffId);
  await signIn(there, staffId);
  await live(there.page);
  await here.page.goto("/sessions");
  await live(here.page);
  await here.page.getByText("This one").waitFor();
  await here.page.getByRole("button", { name: "End", exact: true }).click();
  await here.page.getByRole("button", { name: "End the session" }).click();
  await there.page.locator(".live.off").waitFor();
  await here.page.getByText("Session ended").waitFor();
  await here.page.getByRole("row").nth(2).waitFor({ state: "detached" });
  assert.equal(await here.page.getByRole("row").count(), 2);
  await here.end();
  await there.end();
});

test("light and dark, desk, laptop, tablet and phone", async () => {
  const person = await openPerson(browser, portal);
  await signIn(person, "OS-001");
  const { page } = person;
  for (const [width, height] of [[1280, 800], [1024, 768], [800, 1280], [320, 640]]) {
    await page.setViewportSize({ width, height });
    for (const path of ["/", "/approvals", "/customers?q=amina"]) {
      await page.goto(path);
      await live(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${path} at ${width}: ${overflow} px too wide`);
      await picture(page, `size-${width}${path.replace(/\W+/g, "-")}`);
      await accessible(page, `${path} at ${width}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Change between light and dark" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "tawi-dark");
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "tawi-dark", "the choice stays");
  await picture(page, "dark");
  await person.end();
});

test("the database is stopped: pages say so with a reference and recover by themselves", async () => {
  const person = await openPerson(browser, portal);
  allow(person, /503/, /ERR_INCOMPLETE_CHUNKED/);
  await signIn(person, "RO-001");
  const { page } = person;
  const name = new URL(portal.database).pathname.slice(1);
  const admin = process.env.TAWI_E2E_ADMIN_URL;
  sql(admin, `alter database ${name} with allow_connections false`);
  sql(admin, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  // Somebody in the middle of a form keeps it, is told, and goes on when the database is back.
  const typist = await openPerson(browser, portal);
  allow(typist, /503/, /ERR_INCOMPLETE_CHUNKED/);
  sql(admin, `alter database ${name} with allow_connections true`);
  await signIn(typist, "RO-001");
  await openCustomerForm(typist.page);
  await fillCustomer(typist.page, customer({ first_name: "Patient" }));
  sql(admin, `alter database ${name} with allow_connections false`);
  sql(admin, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  await typist.page.getByRole("button", { name: "Check the answers" }).click();
  await typist.page.getByText(/kept\. Try again in a moment\. Reference [A-Z0-9]+/).waitFor({ timeout: 20000 });
  await picture(typist.page, "database-stopped");

  const answer = await page.goto("/customers");
  assert.equal(answer.status(), 503);
  await page.getByText(/Reference [A-Z0-9]+/).waitFor();
  const health = await fetch(`${portal.url}/health`);
  assert.equal(health.status, 503);
  sql(admin, `alter database ${name} with allow_connections true`);
  await page.getByRole("heading", { name: "Customers" }).waitFor({ timeout: 20000 });
  await live(page);
  assert.equal(await typist.page.locator("#first_name").inputValue(), "Patient");
  await typist.page.getByRole("button", { name: "Check the answers" }).click();
  await typist.page.getByRole("button", { name: "Register the customer" }).click();
  await typist.page.getByRole("heading", { name: "Customer registered" }).waitFor();
  await typist.end();
  await person.end();
});
