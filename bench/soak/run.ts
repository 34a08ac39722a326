// npm run bench:soak [-- --minutes N] [-- --pause SECONDS]: mixed load and faults, at the end of which nothing may have grown. Writes
// bench/results/soak.log as it goes, soak.json and soak.svg at its end. Exits with 1 where something has.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startClients } from "./clients.ts";
import { startFleet } from "./fleet.ts";
import { plotOf } from "./plot.ts";
import { type Sample, sample } from "./sample.ts";
import { judge } from "./verdict.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, pause: { type: "string", default: "15" } },
});
const [minutes, pause] = [Number(values.minutes), Number(values.pause)];
if (!(minutes > 0 && pause > 0)) throw new RangeError("--minutes and --pause are numbers above 0");

const SAMPLE_MS = 5000;
/** How long connections are kept that nobody uses. */
const IDLE_MS = 75_000;
/** How long what is still in progress may take once nobody asks any more: leases, retries, naps. */
const REST_MS = 120_000;

const results = new URL("../results/", import.meta.url).pathname;
mkdirSync(results, { recursive: true });
const logFile = join(results, "soak.log");
writeFileSync(logFile, "");
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
const say = (text: string): void => {
  const line = `${Math.round(seconds())} s: ${text}\n`;
  process.stdout.write(line);
  appendFileSync(logFile, line);
};

const folder = mkdtempSync(join(tmpdir(), "afoot-soak-"));
const fleet = await startFleet(folder);
const look = (): Promise<Sample> => sample(seconds(), fleet.server, fleet.worker);
const shown = (of: Sample): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${Number(value).toFixed(0)}`)
    .join(", ");
try {
  const first = await settled();
  say(`begins: ${shown(first)}`);
  const clients = startClients(fleet.server.origin);
  const underLoad: Sample[] = [];
  const endAt = seconds() + minutes * 60;
  // oxlint-disable-next-line unicorn/prefer-top-level-await -- it goes on beside the samples
  const harming = harmUntil(endAt);
  for (let told = 0; seconds() < endAt; told++) {
    await passes(SAMPLE_MS);
    const now = await look();
    underLoad.push(now);
    if (told % 6 === 0) say(shown(now));
  }
  await harming;
  await clients.stop();
  say("nobody asks any more");
  await passes(IDLE_MS);
  const last = await settled();
  say(`ends: ${shown(last)}`);
  const failed = Object.entries(clients.counts).filter(([name]) => name.startsWith("failed: "));
  for (const [name, count] of Object.entries(clients.counts)) say(`${count} ${name}`);
  const verdict = judge({ first, underLoad, last });
  for (const { what, isFlat } of verdict) say(`${isFlat ? "flat" : "NOT FLAT"}: ${what}`);
  const samples = [first, ...underLoad, last];
  writeFileSync(join(results, "soak.json"), JSON.stringify({ minutes, samples, verdict, counts: clients.counts }));
  writeFileSync(join(results, "soak.svg"), plotOf(samples));
  const isFlat = verdict.every((each) => each.isFlat) && failed.length === 0;
  say(isFlat ? "all is flat, and every client had its answer" : "something has grown, or a client was failed");
  process.exitCode = isFlat ? 0 : 1;
} finally {
  await fleet.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function harmUntil(endAt: number): Promise<void> {
  while (seconds() + pause < endAt) {
    await passes(pause * 1000);
    say(await fleet.harm());
  }
}

/** Waits until nothing is in progress, and connections that nobody uses are gone. */
async function settled(): Promise<Sample> {
  const until = performance.now() + REST_MS;
  let calm: Sample = await look();
  let same = 0;
  while (performance.now() < until && same < 3) {
    await passes(SAMPLE_MS);
    const now = await look();
    same = now.inProgress === 0 && now.descriptors === calm.descriptors ? same + 1 : 0;
    calm = now;
  }
  return calm;
}
