// The client of one copy over the app of another.
import { type Client, createClient, type ResourceHandle, type SucceededState } from "afoot/client";
import type { app } from "./api/app.ts";

const api: Client<typeof app> = createClient<typeof app>("http://localhost/api");
const vm = await api.virtualMachines.create({ os: "Linux" });
await vm.update({ ram: null });
await vm.act("stop", { force: true });
await vm.act("start");
await vm.send("approval", { approved: true });
const ready = await vm.settled();
ready.address satisfies string;
ready.status satisfies "Ready" | "Stopped";
ready.configuration.ram satisfies string;
for await (const { succeeded, address } of vm) if (succeeded) address satisfies string;
for await (const { configuration } of api.virtualMachines.list()) configuration.os satisfies string;
// @ts-expect-error another path
void api.machines;
// @ts-expect-error another type of a field
await api.virtualMachines.create({ os: 1 });
// @ts-expect-error a field that the schema does not have
await api.virtualMachines.create({ os: "Linux", disk: "1TB" });
// @ts-expect-error an action that the type does not declare
await vm.act("restart");
// @ts-expect-error another input
await vm.act("stop", { force: "yes" });
// @ts-expect-error a redacted field
void ready.configuration.password;

export type Handle = typeof vm extends ResourceHandle<infer Spec> ? SucceededState<Spec> : never;
({}) as Handle["address"] satisfies string;
