// The types that the client infers from an app without annotations, and the calls that it rejects.
import { z } from "zod";
import { defineResource } from "../core/definition/define-resource.ts";
import type { ResourceType } from "../core/definition/resource-type.ts";
import { settle } from "../core/settle.ts";
import { createClient, follow, type ResourceError, ResourceFailedError } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Check extends true>(): void {}

const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration: z.object({
    os: z.string(),
    ram: z.string().default("8GB"),
    network: z.object({ zone: z.string(), tags: z.array(z.string()).optional() }).optional(),
  }),
  details: z.object({ IPAddress: z.ipv4(), note: z.string().optional() }),
  statuses: { ready: ["Ready", "Stopped"] },
  create: { status: "Provisioning", work: async () => ({ IPAddress: "192.168.1.10" }) },
  update: { status: "Resizing", work: async ({ details }) => details },
  actions: {
    "force-stop": {
      status: "Stopping",
      input: z.object({ force: z.boolean(), graceMs: z.number().default(0) }),
      work: async ({ details }) => settle("Stopped", details),
    },
    start: { status: "Starting", work: async ({ details }) => details },
    tag: { status: "Tagging", input: z.object({ tag: z.string() }).optional(), work: async ({ details }) => details },
  },
  receives: { approval: z.object({ approved: z.boolean(), by: z.string().default("nobody") }) },
});

const person = defineResource({
  name: "person",
  path: "people",
  configuration: z.object({ name: z.string() }),
  details: z.object({ age: z.number() }),
  statuses: { ready: "Known" },
  create: { status: "Asking", external: true },
});

/** Carries the types of its resources as createApp does. */
function appOf<const Types extends readonly ResourceType[]>(_resources: Types): { readonly "~types"?: Types } {
  return {};
}

const app = appOf([virtualMachine, person]);
const api = createClient<typeof app>("https://example.com/api");

// The collections, by the camel case of their paths, and no other.
is<Equal<keyof typeof api, "virtualMachines" | "people">>();
// @ts-expect-error a type that the app does not have
api.virtualMachine;
// @ts-expect-error the name of a type with a path of its own
api.persons;

// Configuration: the input side, defaults left out at will.
const vm = await api.virtualMachines.create({ os: "Linux" });
await api.virtualMachines.create({ os: "Linux", ram: "16GB", network: { zone: "a" } }, { idempotencyKey: "order-1" });
// @ts-expect-error a field that the schema does not have
await api.virtualMachines.create({ os: "Linux", disk: "1TB" });
// @ts-expect-error a field of another type
await api.virtualMachines.create({ os: 10 });
// @ts-expect-error a field that has no default
await api.virtualMachines.create({ ram: "16GB" });
// @ts-expect-error an option that there is not
await api.virtualMachines.create({ os: "Linux" }, { key: "order-1" });
await api.virtualMachines.create({ os: "Linux" }, { webhook: "https://client.example.com/hooks" });
await api.virtualMachines.put("web-1", { os: "Linux" }, { ifAbsent: true });
// @ts-expect-error an option of a create alone
await api.virtualMachines.put("web-1", { os: "Linux" }, { webhook: "https://client.example.com/hooks" });

// State: the output side; details optional until it succeeded, then whole.
const { state } = vm;
is<Equal<typeof state.configuration.ram, string>>();
is<Equal<typeof state.IPAddress, string | undefined>>();
is<Equal<typeof state.id, string>>();
if (state.succeeded) {
  is<Equal<typeof state.IPAddress, string>>();
  is<Equal<typeof state.note, string | undefined>>();
  is<Equal<typeof state.status, "Ready" | "Stopped">>();
  is<Equal<typeof state.error, undefined>>();
} else if (state.settled) {
  is<Equal<typeof state.error, ResourceError>>();
  is<Equal<typeof state.IPAddress, string | undefined>>();
  const label: string = state.status;
  label satisfies string;
} else {
  is<Equal<typeof state.progress, string | number | undefined>>();
  is<Equal<typeof state.estimatedTimeRemaining, string | number | undefined>>();
  is<Equal<typeof state.error, undefined>>();
  // Any label may show while in progress, and an editor still offers those that are known.
  if (state.status === "Configuring network") state.configuration.os satisfies string;
}
// @ts-expect-error a details field that the schema does not have
state.address;
// @ts-expect-error a label that success cannot have
if (state.succeeded && state.status === "Readdy") throw new Error("never");

const ready = await vm.settled({ signal: AbortSignal.timeout(1000), timeoutMs: 60_000 });
is<Equal<typeof ready.IPAddress, string>>();
is<Equal<typeof ready.succeeded, true>>();
for await (const each of vm) is<Equal<typeof each, typeof state>>();
for await (const each of vm.states({ timeoutMs: 1000 })) is<Equal<typeof each, typeof state>>();

// Update: a merge patch over the input side; null removes what may be absent.
await vm.update({ ram: "32GB" });
await vm.update({ ram: null, network: { tags: null } }, { ifUnchanged: true });
await vm.update({ network: null });
// @ts-expect-error a required field cannot be removed
await vm.update({ os: null });
// @ts-expect-error a field that the schema does not have
await vm.update({ cpu: 4 });
// @ts-expect-error a field of another type, further in
await vm.update({ network: { zone: 1 } });
// @ts-expect-error not a whole configuration
await vm.replace({ ram: "16GB" });

// Actions and messages, by name.
await vm.act("force-stop", { force: true });
await vm.act("start");
await vm.act("start", undefined, { idempotencyKey: "start-1" });
await vm.act("tag");
await vm.act("tag", { tag: "blue" });
// @ts-expect-error an action that the type does not declare
await vm.act("restart");
// @ts-expect-error an action without its input
await vm.act("force-stop");
// @ts-expect-error an input of another shape
await vm.act("force-stop", { force: "yes" });
// @ts-expect-error an action that takes no input
await vm.act("start", { now: true });
await vm.send("approval", { approved: true });
// @ts-expect-error a message that the type does not receive
await vm.send("rejection", { approved: false });
// @ts-expect-error a value of another shape
await vm.send("approval", { approved: "yes" });
// @ts-expect-error a message is sent, not acted
await vm.act("approval", { approved: true });

// Lists, and coming back.
for await (const item of api.virtualMachines.list({ status: ["Ready"], pageSize: 10 })) {
  is<Equal<typeof item.IPAddress, string | undefined>>();
  is<Equal<typeof item.configuration.os, string>>();
  // @ts-expect-error a list does not say what is settled
  item.settled;
}
const same = await api.virtualMachines.attach(vm.url);
is<Equal<typeof same, typeof vm>>();
for await (const line of vm.history()) line.event satisfies string;

const someone = await api.people.get("1");
is<Equal<Awaited<ReturnType<typeof someone.settled>>["age"], number>>();
// @ts-expect-error a type without actions
await someone.act("stop");
// @ts-expect-error a type without messages
await someone.send("approval");

// Following what is not known: an unknown representation, or what the caller expects.
const followed = await follow("https://example.com/api/virtual-machines/1").settled();
is<Equal<typeof followed.representation, unknown>>();
const expected = await follow<{ status: string }>("https://example.com/x").settled();
is<Equal<typeof expected.representation, { status: string }>>();

try {
  await vm.settled();
} catch (error) {
  if (error instanceof ResourceFailedError) is<Equal<typeof error.error, ResourceError>>();
}

// Without an app's types any collection, name and value goes.
const anything = createClient("https://example.com/api");
const some = await anything["orders"]?.create({ what: "ever" });
await some?.act("ship", { by: "sea" });
await some?.send("approval", true);
