import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { array, email, isoTimestamp, object, pipe, string } from "valibot";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";

/** Work that is never called, because the document is generated from declarations alone. */
const work = (): never => {
  throw new Error("no worker runs here");
};

/** The resource of the pattern. */
export const machine = defineResource({
  name: "virtual-machine",
  configuration: z.object({
    os: z.string().meta({ examples: ["Linux"] }),
    ram: z.string().meta({ examples: ["16GB"] }),
    storage: z.string().meta({ examples: ["256GB SSD"] }),
  }),
  details: z.object({ IPAddress: z.ipv4() }),
  statuses: { ready: ["Ready", "Stopped"] },
  create: { status: "Provisioning", work },
  update: { status: "Resizing", work },
  delete: { status: "Deleting", work },
  actions: { stop: { status: "Stopping", input: z.object({ force: z.boolean() }), work } },
});

const Part = z.object({
  name: z.string(),
  get parts() {
    return z.array(Part);
  },
});
const Link = z
  .object({
    to: z.string(),
    get next() {
      return Link.optional();
    },
  })
  .meta({ id: "Link", note: "a keyword that no schema knows" });

/** A type that makes a document difficult: references, recursion, unions, all options, colliding names. */
export const order = defineResource({
  name: "order",
  configuration: z.object({
    items: z.array(z.object({ sku: z.string().regex(/^[A-Z]{3}-\d{4}$/), count: z.int().min(1) })).min(1),
    express: z.boolean().default(false),
    note: z.string().nullable().optional(),
    limits: z.record(z.string(), z.number()).optional(),
    tree: Part,
    link: Link,
  }),
  details: z.discriminatedUnion("carrier", [
    z.object({ carrier: z.literal("post"), tracking: z.string() }),
    z.object({ carrier: z.literal("pickup"), code: z.number() }),
  ]),
  statuses: { ready: "Shipped", failed: "Refused", cancelled: "Withdrawn" },
  create: { status: "In Packing", work },
  update: { status: "Changing", work },
  actions: {
    get: { status: "Getting", work },
    "ship-now": { status: "Shipping", input: z.object({ by: z.enum(["air", "sea"]) }), work },
  },
  receives: { approval: z.object({ approved: z.boolean() }), note: z.string() },
  representation: { timestamps: true, progress: "fraction", time: "seconds", liveness: true },
  maxInProgress: 5,
});

/** Declared with arktype. Collides with names of `order`, and its labels differ only in case. */
export const orderHistory = defineResource({
  name: "order-history",
  configuration: type({ name: "string", "age?": "number>0", kind: "'x'|'y'" }),
  details: type({ score: "number" }).or({ reason: "string" }),
  statuses: { ready: ["Done"] },
  create: { status: "done", work },
  representation: { time: "iso8601" },
});

/** Declared with valibot. Collides with the name of the problem schema. */
export const problem = defineResource({
  name: "problem",
  configuration: toStandardJsonSchema(object({ email: pipe(string(), email()), tags: array(string()) })),
  details: toStandardJsonSchema(object({ at: pipe(string(), isoTimestamp()) })),
  statuses: { ready: ["Done"] },
  create: { status: "Working", work },
  delete: { status: "Deleting", work },
});

export const TYPES = [machine, order, orderHistory, problem];
