import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startAfoot } from "../support/afoot-process.ts";
import { compile, generate, readGuide, readRecipe } from "./recipe.ts";

const run = promisify(execFile);

/** Follows three machines at once. Each is in progress when it is first read, and ends by a verdict or a cancel. */
const MAIN = `
  import { cancel, create, follow } from "./client.ts";

  async function decide(id: string, approved: boolean): Promise<void> {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ approved }) };
    const response = await fetch(\`ORIGIN/api/virtual-machines/\${id}/approval\`, init);
    if (!response.ok) throw new Error(await response.text());
  }

  const ends = { succeeded: (id: string) => decide(id, true), failed: (id: string) => decide(id, false), cancelled: cancel };
  const lines = Object.entries(ends).map(async ([outcome, end]) => {
    const id = await create("Linux");
    const following = follow(id);
    await end(id);
    const { status, error, IPAddress } = await following;
    return [outcome, status, error?.code ?? IPAddress].join(" ");
  });
  for (const line of await Promise.all(lines)) console.log(line);
`;

const EXPECTED = ["succeeded Ready 192.168.1.10", "failed Failed not-approved", "cancelled Cancelled cancelled"];

/** What a component does with the generated hook, without React. */
const FOLLOW_BY_QUERY = `
  import { environmentManager, QueryClient, QueryObserver } from "@tanstack/react-query";
  import { getGetVirtualMachineQueryOptions, type VirtualMachineShown } from "./api.ts";
  import { followed } from "./orval.ts";

  export { cancel, create } from "./orval.ts";

  // Without a window, TanStack Query assumes a server and does not poll.
  environmentManager.setIsServer(() => false);
  const relativeFetch = globalThis.fetch;
  globalThis.fetch = (url, init) => relativeFetch(new URL(String(url), "ORIGIN"), init);
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: 0 } } });

  export function follow(id: string) {
    const observer = new QueryObserver(client, getGetVirtualMachineQueryOptions(id, undefined, { query: followed }));
    return new Promise<VirtualMachineShown>((resolve, reject) => {
      const unsubscribe = observer.subscribe(({ data, error, isFetching }) => {
        if (isFetching || (data === undefined && error === null)) return;
        if (data?.status === 200 && data.headers.has("Retry-After")) return;
        unsubscribe();
        if (data?.status === 200 && typeof data.data === "object") resolve(data.data);
        else reject(error);
      });
    });
  }
`;

const GENERATORS = [
  { heading: "openapi-typescript", file: "openapi-fetch.ts", client: `export * from "./openapi-fetch.ts";` },
  { heading: "Hey API", file: "hey-api.ts", client: `export * from "./hey-api.ts";` },
  { heading: "Orval with TanStack Query", file: "orval.ts", client: FOLLOW_BY_QUERY },
];

interface Site extends AsyncDisposable {
  readonly guide: string;
  readonly folder: string;
  readonly origin: string;
}

/** Starts the app of the guide. Its folder is inside the package, so that its own name resolves to its sources. */
async function openSite(): Promise<Site> {
  const guide = await readGuide();
  const folder = await mkdtemp(join(import.meta.dirname, "recipes-"));
  const app = join(folder, "app.ts");
  await writeFile(app, /```ts\n(\/\/ app\.ts\n.*?)```/s.exec(guide)?.[1] ?? assert.fail("no app"));
  const server = await startAfoot({ app, folder });
  return {
    guide,
    folder,
    origin: server.origin,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("the recipes for generated clients in docs/clients.md", { timeout: 120_000 }, () => {
  const opening = openSite();
  after(async () => (await opening)[Symbol.asyncDispose]());

  for (const generator of GENERATORS) {
    it(`${generator.heading}: compiles, and follows a machine to success, failure and cancel`, async () => {
      assert.deepEqual(await follow(generator, await opening), EXPECTED);
    });
  }
});

/** Runs a recipe in a folder of its own. Resolves to the lines that its program prints. */
async function follow(
  { heading, file, client }: (typeof GENERATORS)[number],
  { guide, folder, origin }: Site,
): Promise<readonly string[]> {
  const own = join(folder, file.replace(".ts", ""));
  const write = async (name: string, code: string): Promise<void> =>
    writeFile(join(own, name), code.replaceAll("ORIGIN", origin));
  await mkdir(own);
  const recipe = readRecipe(guide, heading, origin);
  await generate(recipe, own);
  await write(file, recipe.code);
  await write("client.ts", client);
  await write("main.ts", MAIN);
  await compile(own);
  const outfile = join(own, "main.mjs");
  await build({ entryPoints: [join(own, "main.ts")], bundle: true, platform: "node", format: "esm", outfile });
  const { stdout } = await run(process.execPath, [outfile]);
  return stdout.trimEnd().split("\n");
}
