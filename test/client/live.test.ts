import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CancelledError,
  type Client,
  createClient,
  follow as followUrl,
  GoneError,
  ProblemError,
  type Retry,
  ResourceFailedError,
} from "afoot/client";
import { follow } from "../../src/cli/follow/follow.ts";
import { rejection } from "./fixture.ts";
import { type Live, type LiveApp, newApp, startLive } from "./live-app.ts";
import { Terminal } from "./terminal.ts";

type Machines = Client<LiveApp>["virtualMachines"];
type Machine = Awaited<ReturnType<Machines["create"]>>;

/** Resolves once the resource waits for approval. */
async function waiting(vm: Machine): Promise<void> {
  for await (const { status } of vm) if (status === "Waiting for approval") return;
  assert.fail("settled before it waited for approval");
}

const LINUX = { os: "Linux" };

async function ready(machines: Machines, configuration: Parameters<Machines["create"]>[0] = LINUX): Promise<Machine> {
  const vm = await machines.create(configuration);
  await vm.send("approval", { approved: true });
  await vm.settled();
  return vm;
}

describe("the client against a real server", () => {
  let live: Live;
  let api: Client<LiveApp>;
  before(async () => {
    live = await startLive();
    api = createClient<LiveApp>(live.url);
  });
  after(() => live[Symbol.asyncDispose]());

  it("creates, sees every label, and ends with the details", async () => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    assert.equal(vm.url, `${live.url}/virtual-machines/${vm.id}`);
    assert.equal(vm.state.configuration.ram, "8GB");
    const seen: string[] = [];
    for await (const state of vm) {
      seen.push(state.status);
      if (state.status === "Waiting for approval") {
        assert.deepEqual({ settled: state.settled, progress: state.progress }, { settled: false, progress: "50%" });
        await vm.send("approval", { approved: true });
      }
    }
    assert.deepEqual([seen.at(0), seen.at(-2), seen.at(-1)], ["Provisioning", "Waiting for approval", "Ready"]);
    const { state } = vm;
    assert.ok(state.succeeded);
    assert.equal(state.IPAddress, "192.168.1.10");
    assert.equal(await vm.settled(), state);
  });

  it("long polls until something changes: few requests, and none too early", async () => {
    const paths: string[] = [];
    const counting = createClient<LiveApp>(live.url, {
      fetch: async (request) => {
        paths.push(`${request.method} ${request.headers.get("prefer")}`);
        return fetch(request);
      },
    });
    const vm = await counting.virtualMachines.create({ os: "Linux" });
    await waiting(vm);
    const sent = paths.length;
    const end = vm.settled();
    await vm.send("approval", { approved: true });
    await end;
    assert.ok(paths.length - sent <= 3, paths.join(", "));
    assert.ok(
      paths.slice(1).every((path) => path === "GET wait=30" || path.startsWith("POST")),
      paths.join(", "),
    );
  });

  it("rejects with the failure's own code, and retries", async () => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    await vm.send("approval", { approved: false, by: "The boss" });
    const error = await rejection(vm.settled());
    assert.ok(error instanceof ResourceFailedError);
    assert.deepEqual(
      { code: error.code, detail: error.error.detail, status: error.state.status },
      { code: "not-approved", detail: "The boss said no.", status: "Failed" },
    );
  });

  it("cancels, and begins anew", async () => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    await waiting(vm);
    await vm.cancel();
    const error = await rejection(vm.settled());
    assert.ok(error instanceof CancelledError);
    assert.deepEqual(
      { errorStateStatus: error.state.status, vmStateStatus: vm.state.status },
      { errorStateStatus: "Cancelled", vmStateStatus: "Cancelled" },
    );
    assert.equal((await vm.retry()).settled, false);
    await vm.send("approval", { approved: true });
    assert.equal((await vm.settled()).status, "Ready");
  });

  it("updates by merge patch, only if unchanged where requested, and keeps the other fields", async () => {
    const vm = await ready(api.virtualMachines, { os: "Linux", tags: ["a"] });
    const other = await api.virtualMachines.attach(vm.url);
    await vm.update({ ram: "16GB", tags: null });
    assert.deepEqual((await vm.settled()).configuration, { os: "Linux", ram: "16GB" });
    const refused = await rejection(other.update({ ram: "1GB" }, { ifUnchanged: true }));
    assert.ok(refused instanceof ProblemError);
    assert.equal(refused.code, "precondition-failed");
    await other.refresh();
    await other.replace({ os: "BSD" }, { ifUnchanged: true });
    assert.deepEqual((await other.settled()).configuration, { os: "BSD", ram: "8GB" });
  });

  it("acts, with input and without", async () => {
    const vm = await ready(api.virtualMachines);
    assert.equal((await vm.act("force-stop", { reason: "night" })).status, "Stopping");
    assert.equal((await vm.settled()).status, "Stopped");
    await vm.act("start");
    assert.equal((await vm.settled()).status, "Ready");
    const wrong = await rejection(vm.act("force-stop", { reason: 1 } as never));
    assert.ok(wrong instanceof ProblemError);
    assert.deepEqual(
      wrong.problem.errors?.map(({ pointer }) => pointer),
      ["/reason"],
    );
    const idle = await rejection(vm.cancel());
    assert.ok(idle instanceof ProblemError);
    assert.equal(idle.code, "settled");
  });

  it("deletes by delete work, at once without any, and says when that fails", async () => {
    const vm = await ready(api.virtualMachines);
    await vm.delete();
    await vm.deleted();
    const gone = await rejection(vm.refresh());
    assert.ok(gone instanceof GoneError);
    assert.equal(gone.code, "resource-deleted");

    const someone = await api.people.create({ name: "Ada" });
    assert.equal((await someone.settled()).greeting, "Hello Ada");
    await someone.delete();
    await someone.deleted();
    // A repeated delete is no error: the resource is gone.
    await someone.delete();

    const precious = await ready(api.virtualMachines, { os: "Linux", tags: ["precious"] });
    await precious.delete();
    const error = await rejection(precious.deleted());
    assert.ok(error instanceof ResourceFailedError);
    assert.deepEqual(
      { code: error.code, status: precious.state.status, settled: precious.state.settled },
      { code: "precious", status: "Ready", settled: true },
    );
  });

  it("creates once for one Idempotency-Key, and shows today's state for it", async () => {
    const first = await api.people.create({ name: "Ada" }, { idempotencyKey: "ada-1" });
    await first.settled();
    const again = await api.people.create({ name: "Ada" }, { idempotencyKey: "ada-1" });
    assert.equal(again.id, first.id);
    assert.equal((await again.settled()).greeting, "Hello Ada");
    const other = await rejection(api.people.create({ name: "Eve" }, { idempotencyKey: "ada-1" }));
    assert.ok(other instanceof ProblemError);
    assert.equal(other.code, "idempotency-key-reused");
  });

  it("lists every page, by status, and reads a history", async () => {
    const ids = new Set<string>();
    for (let index = 0; index < 5; index++) ids.add((await api.people.put(`p-${index}`, { name: `${index}` })).id);
    for (const id of ids) await (await api.people.get(id)).settled();
    const listed: string[] = [];
    for await (const { id, greeting } of api.people.list({ status: ["Known", "No, never"], pageSize: 2 })) {
      assert.equal(typeof greeting, "string");
      listed.push(id);
    }
    assert.ok(
      [...ids].every((id) => listed.filter((each) => each === id).length === 1),
      listed.join(", "),
    );
    const conflict = await rejection(api.people.put("p-1", { name: "x" }, { ifAbsent: true }));
    assert.ok(conflict instanceof ProblemError);
    assert.equal(conflict.code, "precondition-failed");
    const events: string[] = [];
    for await (const { event } of (await api.people.get("p-1")).history()) events.push(event);
    assert.deepEqual([events.at(0), events.at(-1)], ["accepted", "succeeded"]);
  });

  it("lists every fault of what it sends", async () => {
    const error = await rejection(api.virtualMachines.create({ os: "", ram: 8 } as never));
    assert.ok(error instanceof ProblemError);
    assert.equal(error.code, "validation");
    assert.deepEqual(
      error.problem.errors?.map(({ pointer }) => pointer),
      ["/configuration/os", "/configuration/ram"],
    );
  });

  it("works inside the process, over no socket at all", async () => {
    const inside = createClient<LiveApp>("http://localhost/api", { fetch: live.app.fetch });
    const vm = await ready(inside.virtualMachines);
    assert.equal(vm.state.status, "Ready");
    assert.equal((await live.app.virtualMachines.get(vm.id)).state.status, "Ready");
    // A path without a resource is an error at once, not retried.
    await assert.rejects(newApp().people.create({ name: "Ada" }), { code: "not-started" });
  });

  it("goes on over a restart of the server", async () => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    await waiting(vm);
    const lost = Promise.withResolvers<Retry>();
    const end = vm.settled({ onRetry: lost.resolve });
    const typed = followUrl(vm.url).settled();
    await live.stop();
    assert.equal((await lost.promise).error.code, "unreachable");
    await live.start();
    await vm.send("approval", { approved: true });
    assert.equal((await end).IPAddress, "192.168.1.10");
    assert.equal((await typed).status, "Ready");
  });

  it("is followed from the command line, to success and to failure", async () => {
    const vm = await api.virtualMachines.create({ os: "Linux" });
    await waiting(vm);
    const terminal = new Terminal();
    const following = follow([vm.url], terminal);
    await vm.send("approval", { approved: true });
    assert.equal(await following, 0);
    assert.match(terminal.stdout.text, /Ready\n {2}IPAddress: 192\.168\.1\.10\n$/);

    const refused = await api.virtualMachines.create({ os: "Linux" });
    await refused.send("approval", { approved: false });
    const json = new Terminal();
    assert.equal(await follow([refused.url, "--json"], json), 1);
    const last: unknown = JSON.parse(json.stdout.text.trimEnd().split("\n").at(-1) ?? "");
    assert.equal((last as { error: { code: string } }).error.code, "not-approved");
  });
});
