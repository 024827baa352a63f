// Administration: two people side by side, a temporary password from the administrator to its owner, and
// every page in its sizes and themes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newcomer } from "../doors.mjs";
import { accessible, allow, live, openPerson, picture, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Waits until the form answers, asks what would happen, and waits for the answers' page. */
async function check(page) {
  await button(page, "Check the answers").and(page.locator(":enabled")).click();
  await page.getByRole("heading", { name: "Check the answers" }).waitFor();
}

/** Presses the last button and waits for the receipt. */
async function send(page, act) {
  await button(page, act).click();
  await page.getByText(/^RC-/).first().waitFor();
}

/** The other person opens the request that has just appeared, and approves it. */
async function approve(person, title) {
  const { page } = person;
  await page.getByRole("link", { name: title }).click();
  await button(page, "Approve").click();
  await page.getByText("Approved. RQ-").waitFor();
}

test("a role is given under four eyes, live, and ended at once", async () => {
  const { staffId, name } = newcomer(portal, ["NBO-HQ", "teller"]);
  const administrator = await openPerson(browser, portal);
  const head = await openPerson(browser, portal, { viewport: { width: 800, height: 1100 } });
  await signIn(administrator, "AD-001");
  await signIn(head, "HB-001");
  await head.page.goto("/approvals");
  await live(head.page);
  const { page } = administrator;
  await page.getByRole("link", { name: "Staff and roles" }).first().click();
  await page.getByLabel("Find").fill(name.toLowerCase());
  await page.getByRole("link", { name: staffId }).click();
  await page.getByRole("heading", { name }).waitFor();
  await picture(page, "person");
  await page.getByRole("link", { name: "Give a role" }).click();
  await page.locator("#branch").waitFor();
  await page.locator("#role").selectOption("relationship_officer");
  await page.locator("#branch").selectOption("NBO-HQ");
  await page.locator("#limit").fill("5000");
  await button(page, "Check the answers").and(page.locator(":enabled")).click();
  await page.getByText("A relationship officer decides nothing about money").first().waitFor();
  await page.locator("#limit").fill("");
  await page.locator("#until").fill("31/12/2031");
  await check(page);
  await page.getByText("becomes relationship officer at NBO-HQ").waitFor();
  await accessible(page, "answers of a role");
  await button(page, "Send for approval").click();
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();
  await approve(head, `${name}: relationship officer`);
  await page.goto(`/staff/${staffId}`);
  await page.getByText("31 Dec 2031").waitFor();
  await page.getByRole("row", { name: /Relationship officer/ }).getByRole("link", { name: "End" }).click();
  await check(page);
  await send(page, "End a role");
  await page.getByText("no longer relationship officer at NBO-HQ").first().waitFor();
  assert.equal(sql(portal.database, `select count(*) from staff_role where staff_id = '${staffId}'`), "1");
  await administrator.end();
  await head.end();
});

test("a temporary password goes from whoever approves it to its owner, who chooses another", async () => {
  const { staffId, name } = newcomer(portal, ["NBO-HQ", "loan_officer"]);
  const administrator = await openPerson(browser, portal);
  const head = await openPerson(browser, portal);
  const owner = await openPerson(browser, portal);
  allow(owner, /401/);
  await signIn(administrator, "AD-001");
  await signIn(head, "HB-001");
  await head.page.goto("/approvals");
  await live(head.page);
  const { page } = administrator;
  await page.goto(`/staff/${staffId}`);
  await page.getByRole("link", { name: "Temporary password" }).click();
  await check(page);
  await button(page, "Send for approval").click();
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();
  await page.getByRole("link", { name: "Follow the request" }).click();
  await approve(head, `Temporary password for ${name}`);
  const half = async (of, which) => {
    await of.getByRole("button", { name: `Show the ${which} half` }).click();
    await of.locator("b.select-all").waitFor();
    return (await of.locator("b.select-all").innerText()).trim();
  };
  // Each sees their own, and only together they are one.
  const password = `${await half(page, "first")}-${await half(head.page, "second")}`;
  assert.match(password, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  await accessible(head.page, "temporary password");
  await picture(head.page, "temporary-password");

  await signIn(owner, staffId, password);
  await owner.page.getByRole("heading", { name: "Choose a password" }).waitFor();
  await accessible(owner.page, "choose a password");
  await picture(owner.page, "choose-password");
  await owner.page.goto("/loans");
  await owner.page.getByRole("heading", { name: "Choose a password" }).waitFor();
  const choose = async (first, second) => {
    await owner.page.getByLabel("New password", { exact: true }).fill(first);
    await owner.page.getByLabel("New password again").fill(second);
    await button(owner.page, "Use this password").click();
  };
  await choose("four good words here", "four good words her");
  await owner.page.getByText("The two passwords differ").waitFor();
  await choose("short", "short");
  await owner.page.getByText("A password has 12 to 128 characters").waitFor();
  await choose("passwordpassword", "passwordpassword");
  await owner.page.getByText("easily guessed").waitFor();
  await choose(password, password);
  await owner.page.getByText("another password than you have").waitFor();
  await choose("four good words here", "four good words here");
  await owner.page.getByRole("heading", { name: `Good day, ${name.split(" ")[0]}` }).waitFor();

  // And again of one's own will, with the present one.
  await owner.page.goto("/sessions");
  await live(owner.page);
  await owner.page.getByRole("link", { name: "Change my password" }).click();
  await owner.page.getByLabel("Present password").fill("not this one");
  await choose("seven boys carry salt", "seven boys carry salt");
  await owner.page.getByText("This is not your present password").waitFor();
  await owner.page.getByLabel("Present password").fill("four good words here");
  await choose("seven boys carry salt", "seven boys carry salt");
  await owner.page.getByText("Where you are signed in").first().waitFor();
  await owner.end();
  await administrator.end();
  await head.end();
});

test("a parameter that tightens counts at once, and its history stays", async () => {
  const administrator = await openPerson(browser, portal);
  await signIn(administrator, "AD-001");
  const { page } = administrator;
  await page.goto("/parameters");
  await live(page);
  await page.getByText("Who approves: new loan").waitFor();
  await accessible(page, "parameters");
  await picture(page, "parameters");
  await page.goto("/parameters/loan_approval_valid_days");
  await page.locator("#days").fill("0");
  await button(page, "Check the answers").and(page.locator(":enabled")).click();
  await page.getByText("Enter whole days from 1 to 365").first().waitFor();
  await page.locator("#days").fill("45");
  await check(page);
  await page.getByText("60 days → 45 days").waitFor();
  await send(page, "Set it");
  await page.getByText("Approval of a loan from").first().waitFor();
  await page.goto("/parameters/loan_approval_valid_days");
  await page.getByText("set by AD-001").waitFor();
  await page.getByText("60 days").waitFor();
  await accessible(page, "a parameter");
  await picture(page, "parameter");
  await administrator.end();
});

test("a branch and a holiday, by keyboard alone", async () => {
  const administrator = await openPerson(browser, portal);
  allow(administrator, /422/);
  await signIn(administrator, "AD-001");
  const { page } = administrator;
  await page.goto("/branches/new");
  await button(page, "Check the answers").and(page.locator(":enabled")).waitFor();
  await page.locator("#number").focus();
  await page.keyboard.type("1");
  await page.keyboard.press("Tab");
  await page.keyboard.type("nku-01");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Nakuru");
  await page.keyboard.press("Enter");
  await page.getByText("is the number of").first().waitFor();
  assert.equal(await page.locator("#code").inputValue(), "nku-01", "the form is kept");
  await page.locator("#number").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("4");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Check the answers" }).waitFor();
  await button(page, "Send for approval").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();

  await page.goto("/holidays/change?act=set");
  await page.locator("#branch").waitFor();
  await page.locator("#day").fill("31/02/2031");
  await page.locator("#name").fill("Idd-ul-Fitr");
  await button(page, "Check the answers").and(page.locator(":enabled")).click();
  await page.locator(".fault").first().waitFor();
  const soon = sql(portal.database, "select to_char(business_date + 43, 'DD/MM/YYYY') from branch where number = 1");
  await page.locator("#day").fill(soon);
  await check(page);
  await send(page, "Set a holiday");
  await page.getByText("is Idd-ul-Fitr").first().waitFor();
  await page.goto("/holidays");
  await page.getByRole("row", { name: /Idd-ul-Fitr/ }).getByRole("link", { name: "Take back" }).click();
  await check(page);
  await send(page, "Take a holiday back");
  await page.getByText("is a working day").first().waitFor();
  await administrator.end();
});

test("the pages of administration in their sizes and themes", async () => {
  for (const [name, viewport] of [
    ["1280", { width: 1280, height: 800 }],
    ["800", { width: 800, height: 1100 }],
    ["390", { width: 390, height: 844 }],
  ]) {
    const administrator = await openPerson(browser, portal, { viewport, colorScheme: name === "800" ? "dark" : "light" });
    await signIn(administrator, "AD-001");
    const { page } = administrator;
    for (const path of ["/staff", "/staff/OS-002", "/staff/OS-002/role", "/staff/new", "/branches", "/branches/new", "/holidays", "/holidays/change?act=set", "/parameters/approval_ladder.loan_application"]) {
      await page.goto(path);
      await live(page);
      await page.locator("main h1").waitFor();
      await page.waitForFunction(() => document.querySelectorAll("main .skeleton").length === 0);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} at ${name} is ${wide} pixels too wide`);
      if (name === "1280") await accessible(page, path);
      await picture(page, `administration${path.replace(/\W+/g, "-")}-${name}`);
    }
    await administrator.end();
  }
});
