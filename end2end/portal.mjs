// What the browser tests stand on: a portal on a database of its own, browsers that fail a test for any
// error in the console, any violation of the content policy and any request that did not go through. What a
// test needs and is not about is made in doors.mjs.
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const PASSWORD = "Wekeza-demo-2026";
const PATIENCE = 30_000;
const LAST_WORD = "Nothing more to say";
const RESULTS = new URL("./results/", import.meta.url).pathname;
mkdirSync(RESULTS, { recursive: true });

const admin = new URL(process.env.TAWI_E2E_ADMIN_URL);
const psql = process.env.PSQL ?? "psql";
let databases = 0;

/** Runs SQL as the database's owner and answers its output. */
export function sql(url, statement) {
  return execFileSync(psql, ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement], { encoding: "utf8" }).trim();
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** A portal with the demonstration in it. */
export async function startPortal(...demo) {
  const name = `tawi_e2e_${process.pid}_${databases++}`;
  sql(admin.href, `create database ${name}`);
  const database = new URL(admin.href);
  database.pathname = `/${name}`;
  const port = await freePort();
  const env = {
    ...process.env,
    DATABASE_URL: database.href,
    TAWI_DEMO: "1",
    TAWI_ADDR: `127.0.0.1:${port}`,
    TAWI_SIGN_INS_PER_MINUTE: "10000",
    TAWI_LOG: "warn",
  };
  const tell = (input, ...args) => execFileSync(process.env.TAWI_BINARY, args, { env, encoding: "utf8", input });
  const run = (...args) => tell("", ...args);
  run("demo", ...(demo.length ? demo : ["--bare"]));
  const portal = { url: `http://127.0.0.1:${port}`, database: database.href, run, tell, server: null };
  portal.serve = async () => {
    portal.server = spawn(process.env.TAWI_BINARY, ["serve"], { env, stdio: ["ignore", "ignore", "inherit"] });
    for (;;) {
      const answer = await fetch(`${portal.url}/health`).catch(() => null);
      if (answer?.ok) return;
      if (portal.server.exitCode !== null) throw new Error("the portal did not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  portal.kill = async (signal = "SIGINT") => {
    if (portal.server?.exitCode !== null || portal.server.signalCode) return;
    const gone = once(portal.server, "exit");
    portal.server.kill(signal);
    await gone;
  };
  portal.stop = async () => {
    await portal.kill();
    const verified = run("verify");
    if (!verified.includes(" 0 broken")) throw new Error(verified);
    sql(admin.href, `drop database ${name} with (force)`);
  };
  await portal.serve();
  return portal;
}

export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"],
  });
}

/** A person with a browser of their own. `faults` fills when anything goes wrong that the test did not allow. */
export async function openPerson(browser, portal, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, baseURL: portal.url, ...options });
  const person = { context, faults: [], allowed: [], calls: new Map() };
  context.on("page", (page) => watch(page, person));
  person.page = await context.newPage();
  person.end = async () => {
    // That nothing went wrong is known when every call that a page was about to send has its answer, and the
    // page has been heard out about that too.
    for (const page of context.pages()) await hearOut(page);
    await answered(person);
    for (const page of context.pages()) await hearOut(page);
    await context.close();
    if (person.faults.length > 0) throw new Error(`in the browser: ${person.faults.join("\n")}`);
  };
  return person;
}

function watch(page, person) {
  const fault = (text) => {
    if (!person.allowed.some((pattern) => pattern.test(text))) person.faults.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || /Content Security Policy/.test(message.text())) fault(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(`page: ${error}`));
  const over = (request) => {
    person.calls.get(request)?.end();
    person.calls.delete(request);
  };
  page.on("request", (request) => {
    if (!["fetch", "xhr"].includes(request.resourceType())) return;
    const call = { page };
    call.over = new Promise((end) => (call.end = end));
    person.calls.set(request, call);
  });
  page.on("close", () => {
    for (const [request, call] of person.calls) if (call.page === page) over(request);
  });
  page.on("requestfailed", (request) => {
    over(request);
    // Leaving a page ends its stream and what it had not yet read: neither is a failure.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") fault(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    over(response.request());
    if (response.status() >= 400) fault(`answer: ${response.status()} ${response.url()}`);
  });
}

/** Waits until every call that a person's pages have sent is over: what was pressed twice has come to nothing more. */
export async function answered({ calls }) {
  let bell;
  const patience = new Promise((_, reject) => {
    bell = setTimeout(() => reject(new Error(`never answered: ${[...calls.keys()].map((call) => call.url()).join(", ")}`)), PATIENCE);
  });
  while (calls.size > 0) await Promise.race([patience, ...[...calls.values()].map((call) => call.over)]);
  clearTimeout(bell);
}

/** Waits until the page's console has said all it had to say: a last word comes after all others. */
async function hearOut(page) {
  await page.waitForLoadState();
  const said = page.waitForEvent("console", (message) => message.text() === LAST_WORD);
  await Promise.all([said, page.evaluate((word) => console.debug(word), LAST_WORD)]);
}

/** Lets a person's browser see an error that the test provokes. */
export function allow(person, ...patterns) {
  person.allowed.push(...patterns);
}

export async function signIn(person, staffId, password = PASSWORD) {
  const { page } = person;
  await page.goto("/sign-in");
  await page.getByLabel("Staff ID").fill(staffId);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

/** Waits until the page is awake: its stream is open. */
export async function live(page) {
  await page.locator(".live.on").waitFor();
}

const FIRST_NAMES = ["Amina", "Baraka", "Chausiku", "Daudi", "Esther", "Furaha", "Hassan"];
const OTHER_NAMES = ["Njeri", "Akinyi", "Barasa", "Chepkoech", "Hamisi", "Kamau", "Moraa", "Nduta", "Ouma", "Rehema", "Zawadi"];
const SURNAMES = ["Kariuki", "Wambui", "Otieno", "Chebet", "Mutua"];
let customers = 0;

/** The answers of a form that is right; each call is another person, with a name and papers of their own. */
export function customer(changes = {}) {
  const nth = ++customers;
  return {
    first_name: FIRST_NAMES[nth % FIRST_NAMES.length],
    other_names: OTHER_NAMES[nth % OTHER_NAMES.length],
    surname: SURNAMES[nth % SURNAMES.length],
    date_of_birth: `0${(nth % 9) + 1}/09/19${60 + (nth % 30)}`,
    id_kind: "national_id",
    id_number: String(23000000 + nth),
    kra_pin: `A${String(nth).padStart(9, "0")}K`,
    phone: `0722${String(nth).padStart(6, "0")}`,
    email: "",
    address: "Milimani, Nakuru",
    occupation: "Trader",
    source_of_funds: "salary",
    pep: "no",
    ...changes,
  };
}

/** The name of whom a form describes, as the portal writes it. */
export function fullName({ first_name, other_names, surname }) {
  return [first_name, other_names, surname].filter(Boolean).join(" ");
}

export async function fillCustomer(page, answers) {
  for (const [name, value] of Object.entries(answers)) {
    if (name === "pep") await page.locator(`input[name="form[pep]"][value="${value}"]`).check();
    else if (name === "id_kind" || name === "source_of_funds") await page.locator(`#${name}`).selectOption(value);
    else await page.locator(`#${name}`).fill(value);
  }
}

/** Opens the form of a new customer and waits until it is awake. */
export async function openCustomerForm(page) {
  await page.goto("/customers/new");
  await awake(page);
}

/** Fills the form and sends it; answers when the confirmation stands. */
export async function register(page, answers, act = "Register the customer") {
  await openCustomerForm(page);
  await fillCustomer(page, answers);
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByRole("button", { name: act }).click();
  await page.getByRole("heading", { name: act === "Register the customer" ? "Customer registered" : "Sent for approval" }).waitFor();
}

/** Waits until the form is awake, so that nothing typed is lost. */
export async function awake(page) {
  await page.getByRole("button", { name: "Check the answers" }).and(page.locator(":enabled")).waitFor();
}

/** Registers a customer and opens a savings account, on the screens; their CIF and account number. */
export async function openClient(page) {
  await register(page, customer());
  const cif = (await page.locator(".figs .lead dd").first().innerText()).trim();
  await page.goto(`/accounts/new?customer=${cif}`);
  await awake(page);
  await page.getByLabel("Savings account").check();
  await page.getByLabel("Opening deposit").fill("25,000");
  await page.getByRole("button", { name: "Check the answers" }).click();
  await page.getByRole("button", { name: "Open the account" }).click();
  await page.getByRole("heading", { name: "Savings account opened", level: 1 }).waitFor();
  const account = (await page.locator(".receipt dd").first().innerText()).replaceAll(" ", "");
  return { cif, account };
}

export async function fillApplication(page, cif, { amount = "120,000", months = "12" } = {}) {
  await page.goto(`/loans/new?customer=${cif}`);
  await awake(page);
  await page.getByLabel("Biashara loan").check();
  await page.getByLabel("Amount").fill(amount);
  await page.getByLabel("Months").fill(months);
  await page.getByLabel("Purpose").fill("Stock for the shop");
}

/** Nothing that axe knows is wrong with the page, in both themes. */
export async function accessible(page, what) {
  for (const theme of ["tawi-light", "tawi-dark"]) {
    await page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
    // Colours change softly, and what inherits them follows: measure when all have arrived.
    for (let round = 0; round < 3; round++) {
      await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition)));
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    const said = violations.map((violation) => `${violation.id}: ${violation.help} at ${violation.nodes.map((node) => node.target).join(", ")}`);
    if (said.length > 0) throw new Error(`${what}, ${theme}: ${said.join("\n")}`);
  }
  await page.evaluate(() => document.documentElement.setAttribute("data-theme", "tawi-light"));
}

/** A picture of the page, for people to look at. */
export async function picture(page, name) {
  await page.waitForFunction(() => document.getAnimations().every((animation) => !(animation instanceof CSSTransition)));
  await page.screenshot({ path: `${RESULTS}${name}.png`, fullPage: false });
}

export function log(text) {
  console.log(`    ${text}`);
}
