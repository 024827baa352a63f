// The loan engine against the two Python libraries people compute schedules with, and against itself in
// Chromium. Five interleaved rounds; the ratio of each round, their median.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { startBrowser } from "../end2end/portal.mjs";

const ROUNDS = 5;
const MEASURE = "target/release/tawi-measure";
const median = (rounds) => [...rounds].sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
const row = (id, rounds, unit, goal, better = "higher") => ({ id, value: median(rounds), unit, goal, better, rounds });
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

/** How many a second; and the most memory in KiB. */
const native = (kind, count, ...rest) => {
  const [microseconds, peak] = run(MEASURE, kind, String(count), ...rest).split(" ").map(Number);
  return { rate: (count * 1e6) / microseconds, peak };
};
const python = () => JSON.parse(run("python3", "bench/schedules.py", "rate"));

const browser = await startBrowser();
const page = await (await browser.newContext()).newPage();
await page.goto("about:blank");
await page.evaluate(`(() => { ${readFileSync("target/measure/engine.js", "utf8")}; globalThis.engine = wasm_bindgen; })()`);
await page.evaluate((bytes) => {
  engine.initSync({ module: Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)) });
}, readFileSync("target/measure/engine_bg.wasm").toString("base64"));
const inChromium = (kind, count, ...rest) =>
  page.evaluate(
    ([kind, count, ...rest]) => {
      const began = performance.now();
      engine[kind](count, ...rest);
      return (count * 1e3) / (performance.now() - began);
    },
    [kind, count, ...rest],
  );

const rounds = { long: [], short: [], replay: [], mortgagemath: [], amortization: [], browser: [], browserReplay: [], peak: [] };
for (let round = 0; round < ROUNDS; round++) {
  const long = native("schedules", 100_000, "360");
  const others = python();
  rounds.long.push(long.rate);
  rounds.mortgagemath.push(long.rate / others.mortgagemath);
  rounds.amortization.push(long.rate / others.amortization);
  rounds.short.push(native("schedules", 500_000, "24").rate);
  const replay = native("replays", 3_000);
  rounds.replay.push(replay.rate);
  rounds.peak.push(replay.peak);
  rounds.browser.push(await inChromium("schedules", 20_000, 360));
  rounds.browserReplay.push(await inChromium("replays", 500));
}
await browser.close();

/** Instructions of a thousand schedules of 360 rows, the start of the program taken off. */
const instructions = () => {
  const count = (kind, times, ...rest) => {
    const file = "target/callgrind.out";
    run("valgrind", "--tool=callgrind", `--callgrind-out-file=${file}`, "--log-file=/dev/null", MEASURE, kind, String(times), ...rest);
    return Number(readFileSync(file, "utf8").match(/^(?:totals|summary): (\d+)/m)[1]);
  };
  return (count("schedules", 1_001, "360") - count("schedules", 1, "360")) / 1_000;
};
let counted = [];
try {
  counted = [row("schedule_360_instructions", [instructions()], "instructions", null, "lower")];
} catch {
  console.error("valgrind is not there: instructions are not counted");
}

console.log(
  JSON.stringify([
    row("schedules_vs_mortgagemath", rounds.mortgagemath, "times", 100),
    row("schedules_vs_amortization", rounds.amortization, "times", null),
    row("schedules_360_per_s", rounds.long, "1/s", null),
    row("schedules_24_per_s", rounds.short, "1/s", null),
    row("replays_60_events_per_s", rounds.replay, "1/s", null),
    row("schedules_360_chromium_per_s", rounds.browser, "1/s", null),
    row("replays_60_events_chromium_per_s", rounds.browserReplay, "1/s", null),
    row("engine_peak_kib", rounds.peak, "KiB", null, "lower"),
    ...counted,
  ]),
);
