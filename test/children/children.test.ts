import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { isJsonObject } from "../../src/core/json/json.ts";
import {
  createApp,
  defineResource,
  isAfootError,
  PermanentError,
  type ResourceType,
  WorkError,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";

const RETRY = { attempts: 3, initialMs: 1, maxMs: 1 };

/** What the leaves have done, by their name. */
let effects: string[] = [];
let failures = new Map<string, number>();

const leaf = defineResource({
  name: "leaf",
  path: "leaves",
  configuration: z.object({
    name: z.string(),
    waits: z.boolean().default(false),
    permanent: z.boolean().default(false),
  }),
  details: z.object({ made: z.string() }),
  statuses: { ready: ["Grown", "Dry"], failed: "Withered" },
  receives: { go: z.object({}) },
  create: {
    status: "Growing",
    retry: { attempts: 1 },
    async work({ configuration: { name, waits, permanent }, step, receive }) {
      if (waits) await receive("go");
      return step("grow", () => {
        const left = failures.get(name) ?? 0;
        failures.set(name, left - 1);
        if (left > 0 && permanent) throw new PermanentError(`${name} cannot grow`, { code: "no-soil" });
        if (left > 0) throw new WorkError(`${name} does not grow yet`, { code: "too-dry" });
        effects.push(`grow ${name}`);
        return { made: name };
      });
    },
  },
  update: { status: "Moving", work: ({ configuration }) => ({ made: configuration.name }) },
  delete: {
    status: "Falling",
    retry: RETRY,
    work: ({ configuration: { name } }) => {
      const left = failures.get(`delete ${name}`) ?? 0;
      failures.set(`delete ${name}`, left - 1);
      if (left > 0) throw new PermanentError(`${name} does not fall`, { code: "stuck" });
      effects.push(`fall ${name}`);
    },
  },
});

const branch = defineResource({
  name: "branch",
  path: "branches",
  configuration: z.object({ name: z.string(), waits: z.boolean().default(false) }),
  details: z.object({ leaf: z.string() }),
  statuses: { ready: "Grown" },
  children: { leaves: leaf },
  create: {
    status: "Growing",
    async work({ configuration: { name, waits }, child, settled }) {
      const made = await child("only", "leaves", { name: `${name}/leaf`, waits });
      const { details } = await settled(made);
      return { leaf: details.made };
    },
  },
});

const tree = defineResource({
  name: "tree",
  configuration: z.object({
    name: z.string(),
    waits: z.boolean().default(false),
    permanent: z.boolean().default(false),
  }),
  details: z.object({ leaves: z.array(z.string()), branch: z.string() }),
  statuses: { ready: "Grown" },
  children: { leaves: leaf, branches: branch },
  create: {
    status: "Growing",
    retry: RETRY,
    async work({ configuration: { name, waits, permanent }, child, settled, step }) {
      await step("plant", () => void effects.push(`plant ${name}`), { undo: () => void effects.push(`fell ${name}`) });
      const [first, second, third] = await Promise.all([
        child("first", "leaves", { name: `${name}/1`, waits, permanent }),
        child("second", "leaves", { name: `${name}/2` }),
        child("third", "branches", { name: `${name}/3` }),
      ]);
      const [one, two, three] = await settled([first, second, third]);
      return { leaves: [one.details.made, two.details.made], branch: three.details.leaf };
    },
  },
  delete: {
    status: "Felling",
    retry: RETRY,
    work: ({ configuration }) => void effects.push(`cut ${configuration.name}`),
  },
});

interface Listed {
  readonly id: string;
  readonly status: string;
}

function listItems(text: string): readonly Listed[] {
  const { items } = parseObject(text);
  assert.ok(Array.isArray(items));
  return items.map((item: unknown) => {
    assert.ok(isJsonObject(item));
    return { id: String(item["id"]), status: String(item["status"]) };
  });
}

async function withApp<Types extends readonly ResourceType[]>(
  resources: Types,
  run: (app: ReturnType<typeof createApp<Types>>, list: (path: string) => Promise<readonly Listed[]>) => Promise<void>,
): Promise<void> {
  effects = [];
  failures = new Map();
  await using folder = await temporaryFolder();
  const app = createApp({ resources });
  await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
  const list = async (path: string): Promise<readonly Listed[]> => {
    const response = await app.fetch(new Request(`http://localhost/api/${path}`));
    return listItems(await response.text());
  };
  try {
    await run(app, list);
  } finally {
    await app.close();
  }
}

async function failure(handle: { settled: () => Promise<unknown> }): Promise<unknown> {
  return handle.settled().then(
    () => assert.fail("it succeeded"),
    (error: unknown) => error,
  );
}

function codeOf(error: unknown): string | undefined {
  return isAfootError(error) ? error.code : undefined;
}

const FAMILY = [tree, branch, leaf] as const;

async function listed(what: string, read: () => Promise<readonly Listed[]>, count: number): Promise<readonly Listed[]> {
  return eventually(what, async () => {
    const items = await read();
    return items.length === count ? items : undefined;
  });
}

describe("children", () => {
  it("are created once, and awaited with their details", () =>
    withApp(FAMILY, async (app, list) => {
      const handle = await app.trees.create({ name: "oak" });
      const state = await handle.settled();
      assert.ok(state.succeeded, JSON.stringify(state));
      assert.deepEqual(
        { leaves: state.leaves, branch: state.branch },
        { leaves: ["oak/1", "oak/2"], branch: "oak/3/leaf" },
      );
      assert.deepEqual(effects.toSorted(), ["grow oak/1", "grow oak/2", "grow oak/3/leaf", "plant oak"]);
      assert.equal((await list("leaves")).length, 3);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      const order = effects.slice(4);
      assert.deepEqual(
        [order[0], order.slice(1).toSorted()],
        ["cut oak", ["fall oak/1", "fall oak/2", "fall oak/3/leaf"]],
      );
    }));

  it("are retried with the work, and those that succeeded are kept", () =>
    withApp(FAMILY, async (app, list) => {
      failures.set("ash/1", 2);
      const state = await (await app.trees.create({ name: "ash" })).settled();
      assert.ok(state.succeeded, JSON.stringify(state));
      assert.deepEqual(effects.toSorted(), ["grow ash/1", "grow ash/2", "grow ash/3/leaf", "plant ash"]);
      assert.equal((await list("leaves")).length, 3);
    }));

  it("fail the work with their own error, and are then undone", () =>
    withApp(FAMILY, async (app, list) => {
      failures.set("elm/1", 1);
      const handle = await app.trees.create({ name: "elm", permanent: true });
      const error = await failure(handle);
      assert.deepEqual([codeOf(error), handle.state.error?.detail], ["no-soil", "elm/1 cannot grow"]);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      assert.equal(effects.at(-1), "fell elm");
      await handle.retry();
      const again = await handle.settled();
      assert.ok(again.succeeded, JSON.stringify(again));
      assert.equal((await list("leaves")).length, 3);
    }));

  it("are removed after a cancel, children of children as well", () =>
    withApp(FAMILY, async (app, list) => {
      const handle = await app.trees.create({ name: "fir", waits: true });
      await listed("the leaves", () => list("leaves"), 3);
      await handle.cancel();
      assert.equal(codeOf(await failure(handle)), "cancelled");
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
      assert.ok(!effects.includes("grow fir/1"));
      assert.equal(effects.at(-1), "fell fir");
    }));

  it("are removed after a delete in progress", () =>
    withApp(FAMILY, async (app, list) => {
      const handle = await app.trees.create({ name: "yew", waits: true });
      await listed("the leaves", () => list("leaves"), 3);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
    }));

  it("end the work with a clear code if a client cancels or deletes them", () =>
    withApp(FAMILY, async (app, list) => {
      const [waiting, deleted] = [
        await app.trees.create({ name: "pine", waits: true }),
        await app.trees.create({ name: "plum", waits: true }),
      ];
      await listed("the other leaves", () => list("leaves?status=Grown"), 4);
      const leaves = await listed("the leaves", () => list("leaves?status=Growing"), 2);
      const idOf = async (name: string): Promise<string> => {
        for (const { id } of leaves) {
          const found = await app.leaves.get(id);
          if (found.state.configuration.name === name) return id;
        }
        throw new Error(name);
      };
      await (await app.leaves.get(await idOf("pine/1"))).cancel();
      assert.equal(codeOf(await failure(waiting)), "child-cancelled");
      await (await app.leaves.get(await idOf("plum/1"))).delete();
      assert.equal(codeOf(await failure(deleted)), "child-deleted");
      assert.deepEqual([await list("leaves"), await list("branches")], [[], []]);
    }));

  it("keep their parent if they cannot be deleted, until a later delete", () =>
    withApp(FAMILY, async (app, list) => {
      const handle = await app.trees.create({ name: "ivy" });
      await handle.settled();
      failures.set("delete ivy/2", 1);
      await handle.delete();
      assert.deepEqual([codeOf(await failure(handle)), handle.state.status], ["stuck", "Grown"]);
      await listed("the others to be gone", () => list("leaves"), 1);
      await handle.delete();
      await listed("the trees to be gone", () => list("trees"), 0);
      assert.deepEqual(await list("leaves"), []);
    }));
});
