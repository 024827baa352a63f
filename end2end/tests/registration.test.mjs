// Registering: wrong input on every field, nothing lost, the keyboard only, the same thing twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endedSession } from "../doors.mjs";
import { PASSWORD, accessible, allow, answered, customer, fillCustomer, live, openCustomerForm as openForm, openPerson, picture, register, signIn, sql, startBrowser, startPortal } from "../portal.mjs";

let portal, browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  await portal.stop();
});

async function officer(options) {
  const person = await openPerson(browser, portal, options);
  await signIn(person, "RO-001");
  return person;
}

const check = (page) => page.getByRole("button", { name: "Check the answers" }).click();

test("an empty form says everything at once, each fault a link to its field", async () => {
  const person = await officer();
  const { page } = person;
  await openForm(page);
  await accessible(page, "form");
  await check(page);
  await page.getByText("11 things to put right").waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "alert");
  assert.match(await page.title(), /^Error: /);
  await accessible(page, "form with faults");
  await picture(page, "form-wrong");
  await page.getByRole("link", { name: "Enter the KRA PIN" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "kra_pin");
  await person.end();
});

test("every field tells what is wrong, keeps what was typed, and clears as soon as it is right", async () => {
  const person = await officer();
  const { page } = person;
  const wrong = [
    ["first_name", "Амина", "Use letters as printed", "Amina"],
    ["first_name", "🙂", "Use letters as printed", "Amina"],
    ["surname", "<script>alert(1)</script>", "Use letters as printed", "Kariuki"],
    ["other_names", "مريم", "Use letters as printed", "Njeri"],
    ["date_of_birth", "31/02/1984", "February 1984 has 29 days", "08/09/1984"],
    ["date_of_birth", "01/01/2090", "lies in the past", "08/09/1984"],
    ["date_of_birth", "01/01/1890", "check the year", "08/09/1984"],
    ["date_of_birth", "01/01/2020", "guardian", "08/09/1984"],
    ["id_number", "12", "6 to 9 figures", "23456417"],
    ["kra_pin", "A0098765K", "nine figures between two letters", "A001234543K"],
    ["phone", "0612", "begins with 07 or 01", "0722000318"],
    ["email", "amina@", "looks like name@example.co.ke", "amina@kariuki.co.ke"],
    ["address", "x".repeat(201), "Shorten this to 200", "Milimani"],
    ["occupation", "\u200b\u202e", "invisible", "Trader"],
  ];
  await openForm(page);
  await fillCustomer(page, customer());
  for (const [field, typed, words, right] of wrong) {
    await page.locator(`#${field}`).fill(typed);
    await check(page);
    const fault = page.locator(`#${field}-fault`);
    await fault.getByText(words).waitFor();
    assert.equal(await page.locator(`#${field}`).inputValue(), typed, "what was typed stays");
    await page.locator(`#${field}`).fill(right);
    await fault.waitFor({ state: "detached" });
  }
  await person.end();
});

test("low risk is registered at once; the confirmation leads on", async () => {
  const person = await officer();
  const { page } = person;
  const answers = customer();
  await register(page, answers);
  const number = await page.locator(".figs .lead dd").first().innerText();
  assert.match(number, /^\d{8}$/);
  await accessible(page, "confirmation");
  await picture(page, "confirmation");
  await page.getByRole("link", { name: "Open the customer" }).click();
  await page.getByText("Registered the customer").waitFor();
  const masked = await page.getByText("•••••").first().innerText();
  await page.getByRole("button", { name: "Show the document number" }).click();
  await page.getByText(answers.id_number).waitFor();
  await page.reload();
  await page.getByText("Was shown the document number").waitFor();
  assert.ok(masked.includes("•"));
  await person.end();
});

test("the same form from two tabs, after Back and edit, and pressed twice makes one customer each", async () => {
  const person = await officer();
  allow(person, /422/);
  const answers = customer();
  const tab = await person.context.newPage();
  await openForm(person.page);
  await openForm(tab);
  await fillCustomer(person.page, answers);
  await fillCustomer(tab, answers);
  await check(person.page);
  await check(tab);
  await tab.getByRole("button", { name: "Register the customer" }).waitFor();
  await person.page.getByRole("button", { name: "Register the customer" }).dblclick();
  await person.page.getByRole("heading", { name: "Customer registered" }).waitFor();
  await tab.getByRole("button", { name: "Register the customer" }).click();
  await tab.locator("#id_number-fault").getByText("belongs to customer").waitFor();
  assert.equal(await tab.locator("#surname").inputValue(), answers.surname, "the form is kept");
  // Whatever the second press and the second tab have sent has been answered: there will be no more of them.
  await answered(person);
  assert.equal(sql(portal.database, `select count(*) from party where id_number = '${answers.id_number}'`), "1");
  // Change the paper, keep the phone: likeness is asked about, and a reason lets it pass.
  const other = customer();
  await tab.locator("#id_number").fill(other.id_number);
  await tab.locator("#kra_pin").fill(other.kra_pin);
  await tab.locator("#date_of_birth").fill("01/01/1970");
  await check(tab);
  await tab.locator("#duplicate_reason").fill("Her mother, one phone in the house");
  await check(tab);
  await tab.getByText("Shared mobile number").waitFor();
  await tab.getByRole("button", { name: "Change something" }).click();
  await tab.locator("#occupation").fill("Teacher");
  await check(tab);
  await tab.getByRole("button", { name: "Register the customer" }).click();
  await tab.getByRole("heading", { name: "Customer registered" }).waitFor();
  await person.end();
});

test("the session ends in the middle of a form: sign in in place, the form is kept and goes through", async () => {
  const person = await officer();
  const { page } = person;
  allow(person, /401/, /422/);
  await openForm(page);
  await fillCustomer(page, customer({ first_name: "Kept" }));
  const cookie = (await person.context.cookies()).find(({ name }) => name === "__Host-tawi");
  await person.context.addCookies([{ ...cookie, value: await endedSession(portal) }]);
  await check(page);
  const dialog = page.getByRole("dialog", { name: "Sign in to go on" });
  await dialog.waitFor();
  await picture(page, "sign-in-in-place");
  await dialog.getByLabel("Password").fill("wrong");
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.getByText("Staff ID or password is wrong").waitFor();
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Check the answers" }).waitFor();
  await page.getByRole("button", { name: "Register the customer" }).click();
  await page.getByRole("heading", { name: "Customer registered" }).waitFor();
  await person.end();
});

test("the keyboard alone registers a customer", async () => {
  const person = await officer();
  const { page } = person;
  await page.goto("/");
  await live(page);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "search-box");
  await page.keyboard.type("nobody of this name");
  await page.keyboard.press("Enter");
  await page.getByText("No customer matches").waitFor();
  await openForm(page);
  await page.locator("#first_name").focus();
  const answers = customer({ first_name: "Keyboard" });
  for (const name of ["first_name", "other_names", "surname", "date_of_birth"]) {
    await page.keyboard.type(answers[name]);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("Nat");
  await page.keyboard.press("Tab");
  for (const name of ["id_number", "kra_pin", "phone", "email", "address", "occupation"]) {
    await page.keyboard.type(answers[name]);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("Sal");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Check the answers" }).waitFor();
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === "Register the customer") break;
  }
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Customer registered" }).waitFor();
  await person.end();
});

test("the server is killed under a form: the form is kept and goes through when it is back", async () => {
  const person = await officer();
  const { page } = person;
  allow(person, /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET/, /Failed to fetch|Failed to load resource/);
  await openForm(page);
  await live(page);
  await fillCustomer(page, customer({ first_name: "Stubborn" }));
  await portal.kill("SIGKILL");
  await page.locator(".live.re, .live.off").waitFor();
  await check(page);
  await page.getByText("The bank's system does not answer.").waitFor({ timeout: 15000 });
  await picture(page, "unavailable");
  assert.equal(await page.locator("#first_name").inputValue(), "Stubborn");
  await portal.serve();
  await live(page);
  await check(page);
  await page.getByRole("button", { name: "Register the customer" }).click();
  await page.getByRole("heading", { name: "Customer registered" }).waitFor();
  await person.end();
});
