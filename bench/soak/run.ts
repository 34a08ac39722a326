// Runs mixed load with faults, after which no resource use, size or latency may have grown:
//   npm run bench:soak [-- --store sqlite|postgres] [-- --minutes N] [-- --pause SECONDS] [-- --load FACTOR]
// Writes bench/results/soak-STORE.log continuously, and .json and .svg at the end. Exits with 1 if something has grown.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startClients } from "./clients.ts";
import { startFleet } from "./fleet.ts";
import { evaluateGrowth } from "./growth.ts";
import { plotOf } from "./plot.ts";
import { type Sample, sample } from "./sample.ts";
import { STORES } from "./stores.ts";
import { createTiming } from "./timing.ts";

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    minutes: { type: "string", default: "30" },
    pause: { type: "string", default: "15" },
    load: { type: "string", default: "1" },
  },
});
const kind = values.store;
if (kind !== "sqlite" && kind !== "postgres") throw new RangeError("--store must be sqlite or postgres");
const [minutes, pause, load] = [Number(values.minutes), Number(values.pause), Number(values.load)];
if (!(minutes > 0 && pause > 0 && load > 0)) {
  throw new RangeError("--minutes, --pause and --load must be numbers above 0");
}

const SAMPLE_INTERVAL_MS = 5000;
/** Time after which idle connections are closed. */
const IDLE_CONNECTION_MS = 75_000;
/** Maximum time for the remaining operations to settle after the load: leases, retries, naps. */
const SETTLE_TIMEOUT_MS = 120_000;

const results = new URL("../results/", import.meta.url).pathname;
mkdirSync(results, { recursive: true });
const logFile = join(results, `soak-${kind}.log`);
writeFileSync(logFile, "");
const startedAt = performance.now();
const seconds = (): number => (performance.now() - startedAt) / 1000;
const log = (text: string): void => {
  const line = `${Math.round(seconds())} s: ${text}\n`;
  process.stdout.write(line);
  appendFileSync(logFile, line);
};

const folder = mkdtempSync(join(tmpdir(), "afoot-soak-"));
const fleet = await startFleet(await STORES[kind](folder));
const takeSample = (latencies = createTiming().take()): Promise<Sample> => sample(seconds(), fleet, latencies);
const formatSample = (of: Sample): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${Number(value).toFixed(0)}`)
    .join(", ");
try {
  const first = await settledSample();
  log(`start: ${formatSample(first)}`);
  const clients = startClients(fleet.server.origin, load);
  const underLoad: Sample[] = [];
  const endAt = seconds() + minutes * 60;
  // oxlint-disable-next-line unicorn/prefer-top-level-await -- runs concurrently with the samples
  const faultInjection = injectFaultsUntil(endAt);
  for (let index = 0; seconds() < endAt; index++) {
    await sleep(SAMPLE_INTERVAL_MS);
    const now = await takeSample(clients.latencies());
    underLoad.push(now);
    if (index % 6 === 0) log(formatSample(now));
  }
  await faultInjection;
  await clients.stop();
  log("load stopped");
  await sleep(IDLE_CONNECTION_MS);
  const last = await settledSample();
  log(`end: ${formatSample(last)}`);
  const failed = Object.entries(clients.counts).filter(([name]) => name.startsWith("failed: "));
  for (const [name, count] of Object.entries(clients.counts)) log(`${count} ${name}`);
  const series = evaluateGrowth({ first, underLoad, last });
  for (const { description, isFlat } of series) log(`${isFlat ? "flat" : "NOT FLAT"}: ${description}`);
  const samples = [first, ...underLoad, last];
  const result = { store: kind, minutes, load, samples, series, counts: clients.counts };
  writeFileSync(join(results, `soak-${kind}.json`), JSON.stringify(result));
  writeFileSync(join(results, `soak-${kind}.svg`), plotOf(fleet.store.name, samples));
  const isFlat = series.every((each) => each.isFlat) && failed.length === 0;
  log(
    isFlat ? "nothing has grown, and every client got its response" : "resource use has grown, or a client has failed",
  );
  process.exitCode = isFlat ? 0 : 1;
} finally {
  await fleet.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function injectFaultsUntil(endAt: number): Promise<void> {
  while (seconds() + pause < endAt) {
    await sleep(pause * 1000);
    log(await fleet.injectFault());
  }
}

/** Waits until no operation is in progress and idle connections are closed. */
async function settledSample(): Promise<Sample> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let previous: Sample = await takeSample();
  let same = 0;
  while (performance.now() < deadline && same < 3) {
    await sleep(SAMPLE_INTERVAL_MS);
    const now = await takeSample();
    same = now.inProgress === 0 && now.descriptors === previous.descriptors ? same + 1 : 0;
    previous = now;
  }
  return previous;
}
