import { createApp, defineResource, PermanentError, settle } from "afoot";
import { z } from "zod";

/** Factor for the durations of simulated work: 1 takes seconds, 0.01 hundredths of a second. */
const PACE = Number(process.env["AFOOT_DEMO_PACE"] ?? 0.01);

const machine = defineResource({
  name: "virtual-machine",
  configuration: z.object({
    os: z.enum(["Linux", "FreeBSD", "Windows"]).describe("Installed from the newest image."),
    ram: z
      .string()
      .regex(/^\d+GB$/, 'a size such as "16GB"')
      .meta({ examples: ["16GB"] }),
    storage: z
      .string()
      .regex(/^\d+GB SSD$/, 'a size such as "256GB SSD"')
      .meta({ examples: ["256GB SSD"] }),
    isBackedUp: z.boolean().default(false).meta({ title: "Back it up every night" }),
    disks: z.array(z.object({ name: z.string().min(1), size: z.int().min(1).max(4096) })).optional(),
    note: z.string().max(200).optional(),
  }),
  details: z.object({ IPAddress: z.ipv4(), host: z.string() }),
  statuses: { ready: ["Ready", "Stopped"], failed: "Failed", cancelled: "Cancelled" },
  create: {
    status: "Provisioning",
    retry: { attempts: 2, initialMs: 1500 * PACE },
    async work({ configuration, step, report, sleep }) {
      await step("reserve-address", async () => "10.0.0.7", { undo: async () => {} });
      report({ progress: 0.1 });
      await sleep("wait-for-host", 1500 * PACE);
      const host = await step(
        "allocate-disk",
        async ({ signal }) => {
          await pause(4000, signal);
          return "host-12";
        },
        { undo: async () => {} },
      );
      report({ progress: 0.4 });
      await step(
        "copy-image",
        async ({ signal }) => {
          for (let part = 1; part <= 6; part++) {
            await pause(1500, signal);
            report({ progress: 0.4 + part / 15 });
          }
          if (configuration.note?.includes("no host") === true) {
            throw new PermanentError("No host has that much memory free; ask for less, or try again tonight.", {
              code: "no-capacity",
            });
          }
        },
        { undo: async () => {} },
      );
      report({ progress: 0.85 });
      await step("boot", async ({ signal }) => pause(4000, signal));
      return { IPAddress: "192.168.1.10", host };
    },
  },
  update: {
    status: "Resizing",
    async work({ details, step }) {
      await step("resize", async ({ signal }) => pause(3000, signal));
      return details;
    },
  },
  delete: {
    status: "Deleting",
    async work({ step }) {
      await step("destroy", async ({ signal }) => pause(1000, signal));
    },
  },
  actions: {
    stop: {
      status: "Stopping",
      input: z.object({
        force: z.boolean().default(false).meta({ title: "Pull the plug" }),
        reason: z.string().min(3).describe("Shown in the audit log."),
      }),
      async work({ details, step }) {
        await step("shut-down", async ({ signal }) => pause(1500, signal));
        return settle("Stopped", details);
      },
    },
    start: {
      status: "Starting",
      async work({ details, step }) {
        await step("boot", async ({ signal }) => pause(2500, signal));
        return details;
      },
    },
  },
});

/** Resolved by a moderation with the text "release", so that a test decides when a step that ignores its signal ends. */
const released = Promise.withResolvers<void>();

const moderation = defineResource({
  name: "moderation",
  configuration: z.object({ text: z.string().min(1), language: z.string().default("en") }),
  details: z.object({ verdict: z.string(), by: z.string().optional() }),
  statuses: { ready: ["Published", "Rejected"], failed: "Failed" },
  create: {
    status: "In review",
    async work({ receive, report, step, configuration }) {
      if (configuration.text === "release") released.resolve();
      if (configuration.text === "slow to stop") await step("transcribe", () => released.promise);
      const score = await step("score", async ({ signal }) => {
        await pause(500, signal);
        return configuration.text.length;
      });
      report({ progress: 0.5, status: "Waiting for a moderator" });
      const verdict = await receive("verdict");
      if (!verdict.approved) return settle("Rejected", { verdict: `rejected, scored ${score}`, by: verdict.by });
      return { verdict: "approved", by: verdict.by };
    },
  },
  receives: { verdict: z.object({ approved: z.boolean(), by: z.string().min(1) }) },
});

const thread = defineResource({
  name: "thread",
  configuration: z.object({ posts: z.array(z.string().min(1)) }),
  details: z.object({ verdicts: z.array(z.string()) }),
  statuses: { ready: "Read" },
  children: { posts: moderation },
  create: {
    status: "Reading",
    async work({ configuration, child, settled }) {
      const posts = configuration.posts.map((text, index) => child(`post ${index + 1}`, "posts", { text }));
      return { verdicts: (await settled(await Promise.all(posts))).map(({ details }) => details.verdict) };
    },
  },
});

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(done.resolve, ms * PACE);
  const onAbort = (): void => done.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await done.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** With AFOOT_TEST_TOKENS, each bearer token is a principal, and "operator" sees the resources of all owners. */
const isGuarded = process.env["AFOOT_TEST_TOKENS"] === "true";

export default createApp({
  resources: [machine, moderation, thread],
  ...(isGuarded
    ? {
        authenticate: ({ headers }) => {
          const [, id] = /^Bearer (ann|bob|operator)$/.exec(headers.get("authorization") ?? "") ?? [];
          return id === undefined ? null : { id };
        },
        authorize: ({ principal }) => (principal.id === "operator" ? true : undefined),
      }
    : {}),
});
