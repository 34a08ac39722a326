// The app of one copy runs the types, the work and the store of another.
import { createApp, isAfootError } from "afoot";
import { createClient, ResourceFailedError } from "afoot/client";
import { machine } from "./api/app.ts";
import { afoot, client, sqliteStores } from "./api/other.ts";

const app = createApp({ resources: [machine] });
await app.start({ store: sqliteStores.sqliteStore({ path: process.argv[2] ?? "data" }) });

const vm = await app.virtualMachines.create({ os: "Linux" });
const { address } = await vm.settled();
await vm.act("stop", { force: true });
const { status } = await vm.settled();
console.log(address, status);

const refused = await app.virtualMachines.create({ os: "none" });
const failure: unknown = await refused.settled().catch((error: unknown) => error);
console.log(
  failure instanceof ResourceFailedError && failure.code,
  isAfootError(failure) && afoot.isAfootError(failure),
  isAfootError(new afoot.PermanentError("No.")),
);

const api = createClient<typeof app>("http://localhost/api", { fetch: app.fetch });
const other = client.createClient<typeof app>("http://localhost/api", { fetch: app.fetch });
console.log((await api.virtualMachines.get(vm.id)).state.status, (await other.virtualMachines.get(vm.id)).state.status);
await app.close();
