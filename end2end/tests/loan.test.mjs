// A first loan: account, application, approval in another browser, disbursement, repayment.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { borrower, client, newcomer, office, whenSubmitting } from "../doors.mjs";
import { accessible, allow, answered, awake, fillApplication, live, log, openClient, openPerson, picture, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

/** A new branch and its lenders, for who moves the business date or counts loans. */
async function lendingOffice() {
  const { number, code } = await office(portal);
  return {
    number,
    code,
    officer: newcomer(portal, [code, "relationship_officer"]).staffId,
    lender: newcomer(portal, [code, "loan_officer"]).staffId,
    supervisor: newcomer(portal, [code, "credit_supervisor", "1000000"]).staffId,
  };
}

/** Moves the branch's date so many days past the next instalment of a loan. */
function goToDueDate({ code }, loan, daysAfter) {
  const day = sql(portal.database, `select to_char(next_due + ${daysAfter}, 'YYYY-MM-DD') from loan where number = '${loan}'`);
  portal.run("business-date", "--branch", code, "--to", day, "--reason", "An instalment falls due");
}

/** Approves what waits in the inbox of a browser and is called so. */
async function approve(page, title) {
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Approved. RQ-").waitFor();
}

/** The first cells of rows, as text. */
const figures = (rows, cells) => rows.evaluateAll((rows, cells) => rows.map((row) => [...row.children].slice(0, cells).map((cell) => cell.innerText.trim())), cells);

/** Amount, term, rate and frequency are followed by the schedule before the next picture is drawn. */
async function changesWithinAFrame(page) {
  const types = (id, value) =>
    page.evaluate(
      ([id, value]) =>
        new Promise((resolve) => {
          const plan = () => document.querySelector("aside table").innerText;
          const before = plan();
          const input = document.getElementById(id);
          input.value = value;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          requestAnimationFrame(() => resolve(plan() !== before));
        }),
      [id, value],
    );
  for (const [id, value] of [["amount", "130,000"], ["months", "24"], ["rate", "20.5"]]) {
    assert.equal(await types(id, value), true, `${id} is followed within a frame`);
  }
  await page.getByLabel("Weekly").check();
  await page.locator("aside tbody tr").nth(103).waitFor();
  assert.equal(await page.locator("aside tbody tr").count(), 104);
  await page.getByText("is lent at 18 % a year, or 14 to 24 %.").waitFor();
  await page.getByLabel("Monthly").check();
  for (const [id, value] of [["amount", "120,000"], ["months", "12"], ["rate", ""]]) await types(id, value);
  assert.equal(await page.locator("aside tbody tr").count(), 12);
}

/** A press on a row says why, by mouse and by keyboard; the schedule goes to a spreadsheet and to paper. */
async function explains(page) {
  await page.locator("aside tbody tr").nth(1).click();
  const why = page.getByRole("dialog", { name: "Why this number" });
  await why.getByText("Instalment 2, ").waitFor();
  await why.getByText(/^Interest of \d+ days/).waitFor();
  await why.getByText("ACT/365F", { exact: false }).waitFor();
  await why.getByText(/^\d{1,3},\d{3}\.\d{6}$/).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing lies beside the page");
  await accessible(page, "why this number");
  await picture(page, "why-this-number");
  await page.keyboard.press("Escape");
  await why.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Why instalment 3 / }).focus();
  await page.keyboard.press("Enter");
  await why.getByText("Instalment 3, ").waitFor();
  await why.getByRole("button", { name: "Close" }).click();
  const downloaded = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  const download = await downloaded;
  const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");
  assert.equal(download.suggestedFilename(), "loan-schedule.csv");
  assert.equal(lines.length, 13);
  assert.match(lines[0], /^No,Due,Days,Opening,Principal,Interest/);
  await page.evaluate(() => (window.print = () => (document.title = "printed")));
  await page.getByRole("button", { name: "Print" }).click();
  assert.equal(await page.title(), "printed");
}

test("from the account to the first repayment, two people side by side", async () => {
  const branch = await lendingOffice();
  const officer = await openPerson(browser, portal);
  await signIn(officer, branch.officer);
  const { cif, account } = await openClient(officer.page);
  await accessible(officer.page, "account opened");
  await picture(officer.page, "account-opened");
  await officer.page.getByRole("link", { name: "Open the account's page" }).click();
  await officer.page.getByRole("button", { name: "Show them" }).click();
  await officer.page.getByText("25,000.00").first().waitFor();
  await accessible(officer.page, "account");
  await picture(officer.page, "account");
  await officer.end();

  const lender = await openPerson(browser, portal);
  const supervisor = await openPerson(browser, portal, { viewport: { width: 800, height: 1280 } });
  await signIn(lender, branch.lender);
  await signIn(supervisor, branch.supervisor);
  await supervisor.page.goto("/approvals");
  await live(supervisor.page);

  const { page } = lender;
  await fillApplication(page, cif);
  // The schedule is there while the officer types: the browser's own arithmetic.
  await page.getByText("11,00", { exact: false }).first().waitFor();
  assert.equal(await page.locator("aside tbody tr").count(), 12);
  await changesWithinAFrame(page);
  await explains(page);
  const planned = await figures(page.locator("aside tbody tr"), 5);
  await page.getByRole("button", { name: "Ask the rules" }).click();
  await page.getByText("Nothing is late").waitFor();
  await accessible(page, "loan application");
  await picture(page, "loan-application");
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByRole("button", { name: "Send for approval" }).waitFor();
  await accessible(page, "loan application, answers");
  const seen = supervisor.page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = () => (document.body.innerText.includes("Lend KES 120,000.00") ? resolve(Date.now()) : requestAnimationFrame(look));
        look();
      }),
  );
  await page.getByRole("button", { name: "Send for approval" }).click();
  const appeared = await seen;
  const made = sql(portal.database, `select (extract(epoch from made_at) * 1000)::bigint from approval_request where payload ->> 'customer' = '${cif}'`);
  log(`application committed to visible in the other browser: ${appeared - Number(made)} ms`);
  await page.getByRole("link", { name: "Follow the request" }).click();
  await live(page);
  await picture(supervisor.page, "loan-inbox-800");
  await approve(supervisor.page, "Lend KES 120,000.00");
  await page.getByRole("link", { name: "Open the loan" }).click();
  await page.waitForURL(/\/loans\/\d+$/);
  const loan = new URL(page.url()).pathname.split("/").pop();

  await page.getByRole("link", { name: "Pay it out" }).click();
  await awake(page);
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByText("117,120.00").waitFor();
  await page.getByRole("button", { name: "Send for approval" }).dblclick();
  await page.getByRole("link", { name: "Follow the request" }).click();
  await live(page);
  // What the second press may have sent has been answered, and asked for nothing.
  await answered(lender);
  assert.equal(sql(portal.database, `select count(*) from approval_request where payload ->> 'loan' = '${loan}'`), "1");
  await supervisor.page.goto("/approvals");
  await approve(supervisor.page, "Pay out KES 120,000.00");
  await page.getByRole("link", { name: "Receipt", exact: true }).click();
  await page.getByText("COPY 1").waitFor();
  await accessible(page, "receipt");
  await picture(page, "receipt");
  // For the customer, in the language they ask for.
  await page.getByRole("button", { name: "Kiswahili" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("NAKALA 1").waitFor();
  await page.getByRole("heading", { name: "Mkopo umetolewa" }).waitFor();
  await accessible(page, "receipt-swahili");
  await picture(page, "receipt-swahili");
  assert.equal(sql(portal.database, `select count(*) from loan_event where kind = 'disbursed' and loan = '${loan}'`), "1");

  // The schedule the officer saw while typing is the one the server draws for the ledger.
  await page.goto("/loans?show=open");
  await page.getByRole("link", { name: new RegExp(`^${branch.number} 51`) }).click();
  await page.getByRole("heading", { name: "Schedule" }).waitFor();
  const drawn = await page.evaluate(async () => {
    const html = await (await fetch(location.href)).text();
    const rows = new DOMParser().parseFromString(html, "text/html").querySelectorAll("main table tbody tr");
    return [...rows].slice(0, 12).map((row) => [...row.children].slice(0, 5).map((cell) => cell.innerText.trim()));
  });
  assert.deepEqual(drawn, planned);

  // On the due date the first instalment is taken.
  goToDueDate(branch, loan, 0);
  await page.goto("/loans?show=due");
  await page.getByRole("link", { name: new RegExp(`^${branch.number} 51`) }).click();
  await page.getByText("Due today").waitFor();
  await accessible(page, "loan");
  await picture(page, "loan");
  await page.getByRole("link", { name: "Take a repayment" }).click();
  await awake(page);
  await page.getByLabel("Amount").fill("11,001.60");
  await page.getByText("How it is used", { exact: true }).waitFor();
  await accessible(page, "repayment");
  await picture(page, "repayment");
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByRole("button", { name: "Take the repayment" }).click();
  await page.getByRole("heading", { name: "Repayment taken", level: 1 }).waitFor();
  await page.getByRole("link", { name: "Back to the loan" }).click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  const held = sql(portal.database, `select balance from account where number = '${account}'`);
  assert.equal(held, String(25000 + 117120 - 11001.6) + "0");
  await lender.end();
  await supervisor.end();
});

test("wrong amounts keep the form and say what to do", async () => {
  const { cif } = await client(portal);
  const lender = await openPerson(browser, portal);
  allow(lender, /422/);
  await signIn(lender, "LO-001");
  const { page } = lender;
  await fillApplication(page, cif, { amount: "-5" });
  for (const [amount, says] of [
    ["-5", "cannot be negative"],
    ["0", "more than zero"],
    ["12.345", "two decimals at most"],
    ["1".repeat(31), "larger than the books can hold"],
    ["lots", "written in figures"],
  ]) {
    await page.getByLabel("Amount").fill(amount);
    await page.getByRole("button", { name: "Check the answers" }).click();
    await page.locator("#amount-fault").getByText(says).waitFor();
    assert.equal(await page.getByLabel("Amount").inputValue(), amount);
  }
  await page.getByLabel("Amount").fill("2,500,000");
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.locator("#amount-fault").getByText("is lent from KES 10,000.00 to 2,000,000.00").waitFor();
  assert.equal(await page.getByLabel("Purpose").inputValue(), "Stock for the shop");
  await picture(page, "loan-application-wrong");
  await lender.end();
});

test("a loan that becomes late is heard of at once", async () => {
  const branch = await lendingOffice();
  const { loan } = await borrower(portal, branch);
  const supervisor = await openPerson(browser, portal);
  await signIn(supervisor, branch.supervisor);
  await supervisor.page.goto("/loans");
  await live(supervisor.page);
  await supervisor.page.getByText("Nobody is late").waitFor();
  goToDueDate(branch, loan, 1);
  await supervisor.page.getByText("1 day late").waitFor({ timeout: 5000 });
  await accessible(supervisor.page, "loans");
  await picture(supervisor.page, "loans-late");
  await supervisor.end();
});

test("the command box goes where it is told, by keyboard alone", async () => {
  const { loan, account, cif, name } = await borrower(portal);
  const lender = await openPerson(browser, portal);
  await signIn(lender, "LO-001");
  const { page } = lender;
  await live(page);
  for (const [typed, path] of [
    [loan, `/loans/${loan}`],
    [`${account.slice(0, 3)} ${account.slice(3)}`, `/accounts/${account}`],
    [name, `/customers/${cif}`],
    ["loan prod", "/loans/products"],
  ]) {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(typed);
    await page.getByRole("option").first().waitFor();
    await page.keyboard.press("ArrowDown");
    if (typed === name) {
      await accessible(page, "command box");
      await picture(page, "command-box");
    }
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname.startsWith(path));
  }
  await page.goto("/");
  await page.getByText("Owed to the branch").waitFor();
  await accessible(page, "desk of a loan officer");
  await picture(page, "desk-loan-officer");
  await lender.end();
});

test("the server dies between commit and answer: the retry gets the same receipt, and nothing is asked twice", async () => {
  const { cif } = await client(portal);
  const lender = await openPerson(browser, portal);
  allow(lender, /ERR_/, /503/);
  await signIn(lender, "LO-001");
  const { page } = lender;
  await fillApplication(page, cif, { amount: "50,000" });
  await page.getByRole("button", { name: "Check the answers" }).click();
  let killed = false;
  await whenSubmitting(page, "loan_application", async (route) => {
    if (killed) return route.continue();
    killed = true;
    // The server has committed and answered; the answer is lost, and so is the server.
    await route.fetch();
    await portal.kill("SIGKILL");
    await portal.serve();
    await route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Sent for approval" }).waitFor();
  assert.ok(killed);
  await answered(lender);
  assert.equal(sql(portal.database, `select count(*) from approval_request where payload ->> 'customer' = '${cif}'`), "1");
  await lender.end();
});
