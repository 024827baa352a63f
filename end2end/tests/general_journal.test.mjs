// A general journal: lines come and go, the sides are added up while one types, a second person decides.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { client } from "../doors.mjs";
import { accessible, awake, live, openPerson, picture, signIn, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

async function somebody(staffId, options) {
  const person = await openPerson(browser, portal, options);
  await signIn(person, staffId);
  return person;
}

async function openJournal(page) {
  await page.getByRole("link", { name: "General journal" }).click();
  await page.getByRole("heading", { level: 1, name: "General journal" }).waitFor();
  await awake(page);
}

const check = (page) => page.getByRole("button", { name: "Check the answers" }).click();
const sums = (page) => page.getByRole("status").filter({ hasText: /Debits|Credits|No amount/ });

async function line(page, nth, { code, account = "", debit = "", credit = "" }) {
  await page.getByLabel(`Account of the chart, line ${nth}`).selectOption(code);
  if (account) await page.getByLabel(`Customer's account, line ${nth}`).fill(account);
  await page.getByLabel(`Debit, line ${nth}`).fill(debit);
  await page.getByLabel(`Credit, line ${nth}`).fill(credit);
}

test("from the lines to the ledger, sent back and corrected on the way", async () => {
  const { account } = await client(portal);
  const maker = await somebody("OS-001");
  const checker = await somebody("BM-001");
  const { page } = maker;
  await openJournal(page);
  await page.getByLabel("What it is for").fill("Fee taken twice, given back");
  await line(page, 1, { code: "4110", debit: "1,200" });
  await sums(page).getByText("Credits lack KES 1,200.00").waitFor();
  await line(page, 2, { code: "2010", account, credit: "1000" });
  await sums(page).getByText("Credits lack KES 200.00").waitFor();
  await page.getByRole("button", { name: "Add a line" }).click();
  await line(page, 3, { code: "2510", credit: "200" });
  await sums(page).getByText("Debits and credits are equal").waitFor();
  await accessible(page, "a journal");
  await picture(page, "general-journal");
  await check(page);
  await page.getByText("This needs a second person.").waitFor();
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();

  await checker.page.goto(`${portal.url}/approvals`);
  await live(checker.page);
  await checker.page.getByRole("region", { name: "Waits for you" }).getByRole("link", { name: /general journal of KES 1,200.00/ }).click();
  await checker.page.getByLabel("Note").fill("Which receipt was it?");
  await checker.page.getByRole("button", { name: "Send back" }).click();

  await page.getByRole("link", { name: "Follow the request" }).click();
  await page.getByRole("link", { name: "Correct and send again" }).click();
  await awake(page);
  assert.equal(await page.getByLabel("Credit, line 3").inputValue(), "200.00");
  await page.getByLabel("What it is for").fill("Fee of RC-0000001-7 taken twice, given back");
  await check(page);
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();
  await checker.page.getByRole("region", { name: "Waits for you" }).getByRole("link", { name: /general journal of KES 1,200.00/ }).click();
  await checker.page.getByRole("button", { name: /^Approve/ }).click();
  await checker.page.getByText("It is done: journal").waitFor();
  await maker.end();
  await checker.end();
});

test("a line that is wrong says so, keeps its text, and lets go when it is right or removed", async () => {
  const maker = await somebody("OS-001", { viewport: { width: 390, height: 780 } });
  const { page } = maker;
  await page.goto(`${portal.url}/journals/new`);
  await awake(page);
  await page.getByLabel("What it is for").fill("Cash to the vault");
  await line(page, 1, { code: "1020", debit: "12.345" });
  await line(page, 2, { code: "2010", credit: "12" });
  await check(page);
  await page.getByRole("link", { name: "Line 1: An amount has two decimals at most" }).waitFor();
  await page.getByRole("link", { name: "Line 2: behind 2010 stand customers' accounts: say which" }).waitFor();
  await accessible(page, "a journal with faults");
  await picture(page, "general-journal-wrong");
  assert.equal(await page.getByLabel("Debit, line 1").inputValue(), "12.345");
  await page.getByLabel("Debit, line 1").fill("12.34");
  await page.getByText("Line 1: An amount").first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove, line 2" }).click();
  await page.getByRole("button", { name: "Add a line" }).click();
  await line(page, 2, { code: "1010", credit: "12" });
  await check(page);
  await page.getByRole("link", { name: "Debits and credits differ by KES 0.34" }).waitFor();
  await maker.end();
});
