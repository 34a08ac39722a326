// Takes the screenshots of README.md, docs/dashboard.md and the tutorial in a real browser. Run it after a change of the dashboard.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { sqliteStore } from "../src/stores/sqlite/index.ts";
import { type OpenOptions, openFixture, type Fixture } from "../test/dashboard/fixture.ts";
import { shootTutorial } from "./screenshots/tutorial.ts";

const FOLDER = resolve(import.meta.dirname, "../docs/images");

const SIZES = ["8GB", "16GB", "32GB", "64GB"];
const SYSTEMS = ["Linux", "Linux", "FreeBSD", "Windows"];

function machine(index: number): object {
  return {
    os: SYSTEMS[index % SYSTEMS.length],
    ram: SIZES[index % SIZES.length],
    storage: "256GB SSD",
    ...(index % 9 === 4 ? { note: "no host" } : {}),
  };
}

async function create(fixture: Fixture, path: string, configuration: object): Promise<string> {
  const { json } = await fixture.request("POST", `/api/${path}`, { configuration });
  return String(json["id"]);
}

async function settled(fixture: Fixture, path: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${fixture.origin}/api/${path}`, { headers: { prefer: "wait=30" } });
    await response.body?.cancel();
    if (!response.headers.has("retry-after")) return;
  }
}

/** Creates settled resources, some of them failed. */
async function populate(fixture: Fixture): Promise<{ readonly ready: string; readonly failed: string }> {
  const settledIds = await Promise.all(
    Array.from({ length: 10 }, (_, index) => create(fixture, "virtual-machines", machine(index))),
  );
  const texts = ["A first text to look at", "A text full of insults", "A review of a book"];
  const reviews = await Promise.all(texts.map((text) => create(fixture, "moderations", { text })));
  await Promise.all(settledIds.map((id) => settled(fixture, `virtual-machines/${id}`)));
  await fixture.request("POST", `/api/moderations/${reviews[0]}/verdict`, { approved: true, by: "Ada" });
  return { ready: settledIds[0] ?? "", failed: settledIds[4] ?? "" };
}

/** Creates more resources one after the other. Returns the id of the last. */
async function createMore(fixture: Fixture): Promise<string> {
  let last = "";
  for (const index of [1, 2, 3, 5]) {
    last = await create(fixture, "virtual-machines", machine(index));
    await sleep(1600);
  }
  return last;
}

const MINUTE = 60_000;

/** Stores an hour of counts for the plots. */
async function countAnHour(file: string): Promise<void> {
  const store = sqliteStore({ path: file });
  await store.open({ policies: new Map(), at: Date.now(), onFatal: (error) => console.error(error) });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const counts = Array.from({ length: 59 }, (_, index) => {
    const wave = Math.sin(index / 9) + Math.sin(index / 2.3) / 3;
    const base = { periodMs: MINUTE, at: now - (index + 1) * MINUTE, type: "virtual-machine", kind: "create" };
    const classes = [1, 3, 6 + Math.round(4 * wave), 5 - Math.round(3 * wave), 2, 1];
    return [
      ...classes.map((count, locator) => ({
        ...base,
        outcome: "succeeded" as const,
        bucket: 23 + locator,
        count: Math.max(1, Math.round(count * (1.5 + wave / 2))),
      })),
      ...(index % 7 === 3 ? [{ ...base, outcome: "failed" as const, bucket: 20, count: 2 + (index % 3) }] : []),
      ...(index % 11 === 5 ? [{ ...base, outcome: "cancelled" as const, bucket: 20, count: 2 }] : []),
    ];
  });
  await store.reporting?.addSettledCounts(counts.flat());
  await store.close();
}

async function shoot(page: Page, name: string): Promise<void> {
  const png = await page.screenshot({ animations: "disabled" });
  await writeFile(join(FOLDER, `${name}.png`), png);
  process.stdout.write(`${name}.png: ${Math.round(png.length / 1024)} kB\n`);
}

interface Shot extends OpenOptions {
  readonly name: string;
  readonly path: string;
  /** Selector of an element to wait for. */
  readonly ready: string;
}

await mkdir(FOLDER, { recursive: true });
await using fixture = await openFixture({ pace: "0.6", prepare: countAnHour });
const { ready, failed } = await populate(fixture);
const live = await createMore(fixture);
const shots: readonly Shot[] = [
  { name: "dashboard-resources", path: "", ready: ".live-on" },
  { name: "dashboard-resource", path: `/resources/virtual-machines/${live}`, ready: ".chart .step-done" },
  {
    name: "dashboard-failed",
    path: `/resources/virtual-machines/${failed}`,
    ready: ".chart .step-undone",
    isDark: true,
  },
  { name: "dashboard-create", path: "/new/virtual-machines", ready: "form" },
  { name: "dashboard-phone", path: `/resources/virtual-machines/${ready}`, ready: ".chart", width: 390, height: 844 },
  { name: "dashboard-overview", path: "/overview", ready: ".fill-succeeded" },
];
await shootTutorial(fixture.browser, FOLDER);
for (const { name, path, ready: locator, ...options } of shots) {
  const page = await fixture.open(path, { height: 760, ...options });
  await page.locator(locator).first().waitFor();
  await shoot(page, name);
  await page.close();
}
