import { type App, createApp, defineResource, PermanentError, type Principal } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { isJsonObject } from "../../src/core/json/json.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

declare module "afoot" {
  interface Principal {
    readonly tenant?: string;
    readonly roles?: readonly string[];
  }
}

/** Text of all principals, which nothing but work may show. */
export const MARK = "only-work-knows-this";

/** What work was given, in order. */
export interface Seen {
  readonly by: string;
  readonly owner: string | undefined;
  readonly principal: Principal | undefined;
}

const team = (id: string): Principal => ({ id, owner: "team-1", tenant: `${id}'s ${MARK}`, roles: [MARK, "a\nb"] });

export const PRINCIPALS: Readonly<Record<string, Principal>> = {
  ann: team("ann"),
  bob: team("bob"),
  carla: team("carla"),
  dave: { id: "dave", owner: "team-2" },
  olga: { id: "olga", operator: true, tenant: MARK },
};

/** Types whose work pushes what it is given to `seen`. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the types of the declarations are inferred
export function typesOf(seen: Seen[]) {
  const see = (by: string, { owner, principal }: Omit<Seen, "by">): void => void seen.push({ by, owner, principal });
  const details = z.object({ by: z.string().optional() });
  const invoice = defineResource({
    name: "invoice",
    configuration: z
      .object({ fails: z.boolean().default(false), text: z.string().max(20).default("") })
      .refine(({ fails, text }) => !fails || text !== "draft", "a draft never fails"),
    details,
    statuses: { ready: "Ready" },
    create: {
      status: "Writing",
      async work(context) {
        see("create", context);
        await context.step("print", () => "printed", { undo: (run) => see("undo", run) });
        if (context.configuration.fails) throw new PermanentError("No paper.");
        return { by: context.principal?.id };
      },
    },
    update: {
      status: "Rewriting",
      work: async (context) => {
        see("update", context);
        return context.details;
      },
    },
    delete: {
      status: "Shredding",
      work: (context) => {
        see("delete", context);
      },
    },
    actions: {
      send: {
        status: "Sending",
        input: z.object({ to: z.string() }),
        async work(context) {
          see("send", context);
          await context.receive("receipt");
          see("sent", context);
          return context.details;
        },
      },
    },
    receives: { receipt: z.object({ at: z.string() }) },
    metadata: true,
  });
  const scan = defineResource({
    name: "scan",
    configuration: z.object({}),
    details,
    statuses: { ready: "Ready" },
    create: { status: "Scanning", external: true },
    observe: (resource) => {
      see("observe", resource);
      return { progress: 0.5 };
    },
  });
  const parcel = defineResource({
    name: "parcel",
    configuration: z.object({}),
    details,
    statuses: { ready: "Ready" },
    create: { status: "Packing", external: true },
    delete: { status: "Unpacking", external: true },
  });
  return [invoice, scan, parcel] as const;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An app whose principals have fields of the app's own. */
export interface InvoicesApp extends AsyncDisposable {
  readonly app: App<ReturnType<typeof typesOf>>;
  readonly seen: readonly Seen[];
  /** Sends a request of a principal, or with more headers than those that name it. */
  readonly send: (
    who: string | Readonly<Record<string, string>>,
    method: string,
    path: string,
    body?: object,
  ) => Promise<Reply>;
  /** Sends a write that waits for its end, and returns the path of the resource. */
  readonly settle: (who: string, method: string, path: string, body?: object) => Promise<string>;
  /** Returns the log, as text. */
  readonly log: () => string;
}

export async function startInvoices(options: Partial<Parameters<typeof createApp>[0]> = {}): Promise<InvoicesApp> {
  const folder = await temporaryFolder();
  const seen: Seen[] = [];
  const lines: string[] = [];
  const add = (fields: object, message: string): void => {
    lines.push(
      JSON.stringify([message, fields], (_, value: unknown) => (value instanceof Error ? value.stack : value)),
    );
  };
  const app = createApp({
    authenticate: ({ header }) => PRINCIPALS[header("authorization") ?? ""] ?? null,
    operations: true,
    worker: true,
    requestLog: true,
    ...options,
    resources: typesOf(seen),
  });
  const log = { debug: add, info: add, warn: add, error: add };
  await app.start({ store: sqliteStore({ path: `${folder.path}/afoot.db` }), log });
  const send: InvoicesApp["send"] = async (who, method, path, body) => {
    const headers = new Headers(typeof who === "string" ? { authorization: who } : who);
    if (body !== undefined) headers.set("content-type", "application/json");
    const url = new URL(path, "http://localhost/api/");
    const request = new Request(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await app.fetch(request);
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json") && text !== "";
    const parsed: unknown = isJson ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, body: isJsonObject(parsed) ? parsed : {} };
  };
  return {
    app,
    seen,
    send,
    log: () => lines.join("\n"),
    settle: async (who, method, path, body) => {
      const reply = await send({ authorization: who, prefer: "wait=10" }, method, path, body);
      if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`);
      return (reply.headers.get("location") ?? "").replace(/^.*\/api\//, "");
    },
    async [Symbol.asyncDispose]() {
      await app.close({ graceMs: 0 });
      await folder[Symbol.asyncDispose]();
    },
  };
}
