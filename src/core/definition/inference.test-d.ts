// The inference of a declaration's types, in addition to the architecture's example in define-resource.test-d.ts.
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { number, object, optional, string } from "valibot";
import { z } from "zod";
import { settle } from "../settle.ts";
import type { Work } from "../work.ts";
import { defineResource } from "./define-resource.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Check extends true>(): void {}

const configuration = z.object({ ram: z.string().default("8GB") });
const details = z.object({ ip: z.string() });
const input = z.object({ force: z.boolean().default(false) });
const least = { configuration, details, create: { status: "Provisioning", external: true } } as const;

// Messages with a union type: each call returns one, and its type distinguishes the cases.
const verdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("approved"), by: z.string() }),
  z.object({ kind: z.literal("rejected"), why: z.string() }),
]);
defineResource({
  name: "moderation",
  configuration,
  details,
  statuses: { ready: ["Approved", "Rejected"] },
  create: {
    status: "Waiting",
    async work({ receive }) {
      const given = await receive("verdict");
      is<Equal<typeof given, { kind: "approved"; by: string } | { kind: "rejected"; why: string }>>();
      const late = await receive("verdict", { timeoutMs: 1000 });
      if (late === undefined) return settle("Rejected", { ip: "" });
      is<Equal<typeof late.kind, "approved" | "rejected">>();
      const note = await receive("note");
      is<Equal<typeof note, string>>();
      // @ts-expect-error only messages that the type declares
      await receive("verdicts");
      return given.kind === "approved" ? settle("Approved", { ip: given.by }) : { ip: given.why };
    },
  },
  receives: { verdict, note: z.string() },
});

// Labels: the work of every kind may end with a ready label, and with no other label.
defineResource({
  ...least,
  name: "machine",
  statuses: { ready: ["Ready", "Stopped"] },
  update: { status: "Resizing", work: async ({ details }) => settle("Stopped", details) },
  actions: {
    start: { status: "Starting", work: ({ details }) => settle("Ready", details) },
    // @ts-expect-error a label that is not a ready one
    stop: { status: "Stopping", work: ({ details }) => settle("Off", details) },
  },
});
defineResource({
  ...least,
  name: "machine",
  statuses: { ready: ["Ready", "Stopped"] },
  // @ts-expect-error details of another shape behind a right label
  update: { status: "Resizing", work: async () => settle("Stopped", { ip: 1 }) },
});

// Actions: the input with its defaults, or undefined without an input. Work that is defined separately has both.
const stop: Work<typeof configuration, typeof details, typeof input> = ({ input, configuration, details }) => {
  is<Equal<typeof input, { force: boolean }>>();
  is<Equal<typeof configuration, { ram: string }>>();
  return settle("Stopped", details);
};
const approve: Work<typeof configuration, typeof details, undefined, { verdict: typeof verdict }> = async ({
  receive,
  input,
  details,
}) => {
  is<Equal<typeof input, undefined>>();
  const given = await receive("verdict");
  is<Equal<typeof given.kind, "approved" | "rejected">>();
  return details;
};
const machine = defineResource({
  ...least,
  name: "machine",
  statuses: { ready: ["Ready", "Stopped"] },
  delete: {
    status: "Deleting",
    work: ({ details, previousConfiguration, input }) => {
      is<Equal<typeof details, { ip: string }>>();
      is<Equal<typeof previousConfiguration, { ram: string } | undefined>>();
      is<Equal<typeof input, undefined>>();
    },
  },
  actions: {
    stop: { status: "Stopping", input, work: stop },
    approve: { status: "Approving", work: approve },
    // External, with and without an input.
    audit: { status: "Auditing", external: true, input: z.object({ depth: z.number() }) },
    rest: { status: "Resting", external: true },
  },
  receives: { verdict },
});
type Machine = NonNullable<(typeof machine)["~spec"]>;
is<Equal<keyof Machine["actions"], "stop" | "approve" | "audit" | "rest">>();
is<Equal<Machine["actions"]["stop"], typeof input>>();
is<Equal<Machine["ready"], "Ready" | "Stopped">>();
is<Equal<Machine["path"], "machines">>();

defineResource({
  ...least,
  name: "machine",
  statuses: { ready: ["Ready", "Stopped"] },
  actions: {
    // @ts-expect-error work for an input that the action does not declare
    stop: { status: "Stopping", input: z.object({ force: z.string() }), work: stop },
  },
});
defineResource({
  ...least,
  name: "machine",
  statuses: { ready: "Ready" },
  // The work starts the external process.
  update: { status: "Resizing", external: true, work: () => ({ ip: "::1" }) },
});
// @ts-expect-error neither work nor external
defineResource({ ...least, name: "machine", statuses: { ready: "Ready" }, create: { status: "Provisioning" } });

// Every work: the step's result after JSON, also for its undo; reports of declared details only.
defineResource({
  name: "machine",
  configuration,
  details,
  statuses: { ready: "Ready" },
  create: {
    status: "Provisioning",
    async work({ step, until, sleep, report, signal, attempt, operation }) {
      is<Equal<typeof signal, AbortSignal>>();
      is<Equal<typeof attempt, number>>();
      is<Equal<typeof operation.kind, string>>();
      await step("log", async () => {});
      const list = await step("list", async () => [new Date(), undefined], {
        undo: ({ result }) => is<Equal<typeof result, (string | null)[] | undefined>>(),
      });
      is<Equal<typeof list, (string | null)[]>>();
      const up = await until("up", () => (list.length === 0 ? null : { at: new Date() }), { everyMs: 10 });
      is<Equal<typeof up, { at: string }>>();
      const perhaps = await until("perhaps", async () => list.length > 0, { timeoutMs: 10 });
      is<Equal<typeof perhaps, true | undefined>>();
      await sleep("a while", 1000);
      report({ progress: 0.5, status: "Booting", details: { ip: "::1" }, estimatedTimeRemainingMs: 1 });
      // @ts-expect-error a field that details do not have
      report({ details: { address: "::1" } });
      return { ip: "::1" };
    },
  },
});

// The same with arktype and valibot.
defineResource({
  name: "order",
  configuration: type({ item: "string", count: "number = 1" }),
  details: type({ "parcel?": "string" }),
  statuses: { ready: "Sent" },
  create: {
    status: "Packing",
    work({ configuration, previousConfiguration }) {
      is<Equal<typeof configuration, { item: string; count: number }>>();
      is<Equal<typeof previousConfiguration, { item: string; count: number } | undefined>>();
      return { parcel: configuration.item };
    },
  },
  actions: {
    send: {
      status: "Sending",
      input: type({ to: "string" }),
      work({ input, details }) {
        is<Equal<typeof input, { to: string }>>();
        is<Equal<typeof details, { parcel?: string }>>();
        return details;
      },
    },
  },
  receives: { scan: type({ place: "string" }, "|", { lost: "true" }) },
  delete: {
    status: "Recalling",
    async work({ receive }) {
      const scan = await receive("scan");
      is<Equal<typeof scan, { place: string } | { lost: true }>>();
    },
  },
});
defineResource({
  name: "order",
  configuration: toStandardJsonSchema(object({ item: string(), count: optional(number(), 1) })),
  details: toStandardJsonSchema(object({ parcel: optional(string()) })),
  statuses: { ready: "Sent" },
  create: {
    status: "Packing",
    work({ configuration }) {
      is<Equal<typeof configuration, { item: string; count: number }>>();
      return { parcel: configuration.item };
    },
  },
  actions: {
    send: {
      status: "Sending",
      input: toStandardJsonSchema(object({ to: string() })),
      work({ input, details }) {
        is<Equal<typeof input, { to: string }>>();
        return details;
      },
    },
  },
  receives: { scan: toStandardJsonSchema(object({ place: string() })) },
});
defineResource({
  name: "order",
  // @ts-expect-error valibot, not wrapped: it has no JSON Schema
  configuration: object({ item: string() }),
  details,
  statuses: { ready: "Sent" },
  create: { status: "Packing", external: true },
});
