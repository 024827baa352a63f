// Two tabs of one browser in different seats, tries that go wrong, and lists with pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { at, newcomer, office, submit } from "../doors.mjs";
import { PASSWORD, accessible, allow, awake, customer, fillCustomer, fullName, live, openCustomerForm, openPerson, picture, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

test("a page of another seat does nothing, says so by itself and keeps what was typed", async () => {
  const { staffId } = newcomer(portal, ["NBO-HQ", "relationship_officer"], ["MSA-01", "relationship_officer"]);
  const person = await openPerson(browser, portal);
  allow(person, /401|409/);
  const { page } = person;
  const sit = async (tab, branch) => {
    await signIn({ page: tab }, staffId);
    await tab.getByText("Where do you work today?").waitFor();
    await tab.getByText(branch).click();
    await tab.getByRole("button", { name: "Go on" }).click();
    await live(tab);
  };
  await sit(page, "NBO-HQ");
  await openCustomerForm(page);
  const answers = customer();
  await fillCustomer(page, answers);
  const other = await person.context.newPage();
  await sit(other, "MSA-01");
  await page.getByText("Nothing more is done from this page").waitFor();
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByText("This is another seat's page by now").waitFor();
  assert.equal(await page.locator("#surname").inputValue(), answers.surname, "what was typed stays");
  assert.equal(sql(portal.database, `select count(*) from party where id_number = '${answers.id_number}'`), "0");
  await accessible(page, "another seat's page");
  await picture(page, "other-seat");
  await page.getByRole("link", { name: "load the page again" }).click();
  await awake(page);
  await page.getByText("MSA-01").first().waitFor();
  await person.end();
});

test("wrong tries keep whoever made them waiting, and no device that the person has used", async () => {
  const { staffId } = newcomer(portal, ["NBO-HQ", "teller"]);
  const own = await openPerson(browser, portal);
  await signIn(own, staffId);
  await live(own.page);
  const stranger = await openPerson(browser, portal);
  const type = async (password) => {
    await stranger.page.getByLabel("Password", { exact: true }).fill(password);
    const answer = stranger.page.waitForResponse((response) => response.request().method() === "POST");
    await stranger.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await answer;
  };
  await stranger.page.goto("/sign-in");
  await stranger.page.getByLabel("Staff ID").fill(staffId);
  for (let nth = 0; nth < 5; nth++) {
    await type("a wrong password");
    await stranger.page.getByText("Staff ID or password is wrong").waitFor();
  }
  await type(PASSWORD);
  await stranger.page.getByText("Five tries with this staff ID went wrong from here").waitFor();
  assert.equal(await stranger.page.getByLabel("Staff ID").inputValue(), staffId);
  await accessible(stranger.page, "no try left");
  await own.page.getByRole("button", { name: "Sign out" }).click();
  await signIn(own, staffId);
  await live(own.page);
  await own.end();
  await stranger.end();
});

test("an inbox of sixty has pages, and the newest is found", async () => {
  const { code } = await office(portal);
  const maker = newcomer(portal, [code, "relationship_officer"]);
  const checker = newcomer(portal, [code, "operations_supervisor"]);
  const asking = await at(portal, maker.staffId);
  let last;
  for (let nth = 0; nth < 60; nth++) {
    const answers = customer({ pep: "yes" });
    await submit(asking, "cif_create", answers);
    last = fullName(answers);
  }
  const person = await openPerson(browser, portal);
  await signIn(person, checker.staffId);
  const { page } = person;
  await page.goto("/approvals");
  await live(page);
  await page.getByText("Page 1 of 3").waitFor();
  assert.equal((await page.getByRole("region", { name: "Waits for you" }).getByRole("status").innerText()).trim(), "60");
  assert.equal(await page.getByRole("region", { name: "Waits for you" }).getByRole("listitem").count(), 25);
  await page.getByRole("link", { name: "Next" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Page 2 of 3").waitFor();
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText("Page 3 of 3").waitFor();
  await page.getByRole("link", { name: last }).click();
  await page.getByRole("heading", { name: new RegExp(last) }).waitFor();
  await page.getByText("Page 3 of 3").waitFor();
  await accessible(page, "third page of the inbox");
  await picture(page, "inbox-page-3");
  await page.getByRole("button", { name: "Approve" }).and(page.locator(":enabled")).click();
  await page.getByText("Approved. RQ-").waitFor();
  await page.goBack();
  await page.getByText("Page 3 of 3").waitFor();
  await person.end();
});
