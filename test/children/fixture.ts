import assert from "node:assert/strict";
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
import { createTrafficCheck } from "../contract/traffic.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";

const RETRY = { attempts: 3, initialMs: 1, maxMs: 1 };

/** What the leaves have done, by their name. */
export const effects: string[] = [];
/** How often an action of a leaf fails, by its name. */
export const failures = new Map<string, number>();

export const leaf = defineResource({
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
  update: { status: "Pruning", work: ({ details }) => details },
  delete: {
    status: "Felling",
    retry: RETRY,
    work: ({ configuration }) => void effects.push(`cut ${configuration.name}`),
  },
});

export interface Listed {
  readonly id: string;
  readonly status: string;
}

export interface Family<Types extends readonly ResourceType[]> {
  readonly app: ReturnType<typeof createApp<Types>>;
  /** Sends a request. Its response must be one that the OpenAPI document describes. */
  readonly send: (
    path: string,
    method?: string,
    body?: object,
  ) => Promise<{ status: number; body: Readonly<Record<string, unknown>> }>;
  readonly list: (path: string) => Promise<readonly Listed[]>;
  /** Posts JSON. The request must be accepted. */
  readonly post: (path: string, body: object) => Promise<void>;
}

export async function withApp<Types extends readonly ResourceType[]>(
  resources: Types,
  run: (family: Family<Types>) => Promise<void>,
): Promise<void> {
  effects.length = 0;
  failures.clear();
  await using folder = await temporaryFolder();
  const app = createApp({ resources, messages: true });
  await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }) });
  const check = createTrafficCheck(app.openapi());
  const send: Family<Types>["send"] = async (path, given, sent) => {
    const method = given ?? "GET";
    const url = `/api/${path}`;
    const init = sent && { body: JSON.stringify(sent), headers: { "content-type": "application/json" } };
    const response = await app.fetch(new Request(`http://localhost${url}`, { method, ...init }));
    const body = await response.text();
    assert.deepEqual(check({ method, url, status: response.status, headers: response.headers, body }), []);
    return { status: response.status, body: body === "" ? {} : parseObject(body) };
  };
  const list: Family<Types>["list"] = async (path) => {
    const { items } = (await send(path)).body;
    assert.ok(Array.isArray(items));
    return items.map((item: unknown) => {
      assert.ok(isJsonObject(item));
      return { id: String(item["id"]), status: String(item["status"]) };
    });
  };
  const post: Family<Types>["post"] = async (path, body) => {
    const headers = { "Content-Type": "application/json" };
    const url = `http://localhost/api/${path}`;
    const response = await app.fetch(new Request(url, { method: "POST", headers, body: JSON.stringify(body) }));
    assert.equal(response.status, 202, await response.text());
  };
  try {
    await run({ app, send, list, post });
  } finally {
    await app.close();
  }
}

export async function failure(handle: { settled: () => Promise<unknown> }): Promise<unknown> {
  return handle.settled().then(
    () => assert.fail("it succeeded"),
    (error: unknown) => error,
  );
}

export function codeOf(error: unknown): string | undefined {
  return isAfootError(error) ? error.code : undefined;
}

export const FAMILY = [tree, branch, leaf] as const;

export async function listed(
  what: string,
  read: () => Promise<readonly Listed[]>,
  count: number,
): Promise<readonly Listed[]> {
  return eventually(what, async () => {
    const items = await read();
    return items.length === count ? items : undefined;
  });
}
