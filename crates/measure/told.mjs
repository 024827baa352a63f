// Prints what the engine in WASM says of so many lives: node told.mjs FOLDER COUNT.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [folder, count] = process.argv.slice(2);
const engine = runInThisContext(`${readFileSync(`${folder}/engine.js`, "utf8")};wasm_bindgen`);
engine.initSync({ module: readFileSync(`${folder}/engine_bg.wasm`) });
process.stdout.write(engine.told(Number(count)));
