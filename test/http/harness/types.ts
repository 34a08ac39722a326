import { z } from "zod";
import { defineResource } from "../../../src/core/definition/define-resource.ts";

const configuration = z.object({ os: z.string(), ram: z.string(), storage: z.string().default("64GB SSD") });
const details = z.object({ IPAddress: z.string(), note: z.string().optional() });

/** The tests apply the events of work themselves, so none of these functions is ever called. */
const work = (): never => {
  throw new Error("no worker runs here");
};

/** A type that declares everything it can. */
const machine = defineResource({
  name: "virtual-machine",
  configuration,
  details,
  statuses: { ready: ["Ready", "Stopped"] },
  create: { status: "Provisioning", work },
  update: { status: "Resizing", work },
  delete: { status: "Deleting", work },
  actions: {
    stop: { status: "Stopping", input: z.object({ force: z.boolean().default(false) }), work },
    restart: { status: "Restarting", work },
  },
  receives: { approval: z.object({ approved: z.boolean(), by: z.string() }) },
});

/** A type without any option. */
const note = defineResource({
  name: "note",
  configuration: z.object({ text: z.string() }),
  details: z.object({ words: z.int() }),
  statuses: { ready: "Kept" },
  create: { status: "Counting", work },
  maxInProgress: 3,
});

/** A type with every option of the representation. */
const order = defineResource({
  name: "order",
  configuration: z.object({ item: z.string() }),
  details: z.looseObject({ parcel: z.string() }),
  statuses: { ready: "Shipped", failed: "Refused", cancelled: "Withdrawn" },
  create: { status: "Packing", work },
  representation: { timestamps: true, progress: "fraction", time: "seconds", liveness: true },
});

/** A type with the time remaining as ISO 8601. */
const scan = defineResource({
  name: "scan",
  configuration: z.object({ url: z.string() }),
  details: z.object({ verdict: z.string() }),
  statuses: { ready: "Done" },
  create: { status: "Scanning", work },
  representation: { time: "iso8601" },
});

export const TYPES = [machine, note, order, scan];

export const LINUX = { os: "Linux", ram: "16GB", storage: "256GB SSD" };
