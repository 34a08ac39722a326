import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder } from "../../../test/client/fixture.ts";
import { type Reply, type Script, ScriptedServer } from "../../../test/client/scripted-server.ts";
import { Terminal } from "../../../test/client/terminal.ts";
import { JumpingClock } from "../../../test/support/stepped-clock.ts";
import { follow } from "./follow.ts";

const PATH = "/api/virtual-machines/67890";

function busy(progress: string): Reply {
  return {
    headers: { "retry-after": "5" },
    body: { id: "67890", status: "Provisioning", progress, estimatedTimeRemaining: "15 minutes" },
  };
}

const READY: Reply = {
  body: { id: "67890", status: "Ready", configuration: { os: "Linux" }, IPAddress: "192.168.1.10", disks: [1] },
};
const FAULT = { code: "no-capacity", title: "Work failed", detail: "No capacity left.", retryable: true };

interface Run {
  readonly script: Script;
  readonly flags?: readonly string[];
  readonly isTTY?: boolean;
  readonly path?: string;
  readonly during?: (terminal: Terminal, clock: JumpingClock) => void;
}

interface Ran {
  readonly code: number;
  readonly terminal: Terminal;
  readonly server: ScriptedServer;
  readonly clock: JumpingClock;
}

async function run({ script, flags = [], isTTY = false, path = PATH, during }: Run): Promise<Ran> {
  const clock = new JumpingClock();
  const terminal = new Terminal({ isTTY });
  await using server = await ScriptedServer.start(clock, script);
  const following = follow([server.origin + path, ...flags], terminal, { clock, fetch: server.fetch });
  during?.(terminal, clock);
  const code = await following;
  assert.deepEqual(clock.pending, [], "a timer is left behind");
  assert.deepEqual(terminal.eventNames(), [], "a signal listener is left behind");
  return { code, terminal, server, clock };
}

test("prints a line for each change, then the result", async () => {
  const { code, terminal } = await run({ script: inOrder(busy("0%"), busy("0%"), busy("50%"), READY) });
  assert.equal(code, 0);
  assert.equal(
    terminal.stdout.text,
    "Provisioning  0%  15 minutes left\nProvisioning  50%  15 minutes left\nReady\n  IPAddress: 192.168.1.10\n  disks: [1]\n",
  );
  assert.equal(terminal.stderr.text, "");
});

test("redraws a bar with a running clock on a terminal", async () => {
  const { code, terminal } = await run({
    script: inOrder(busy("0%"), busy("50%"), { status: 503, headers: { "retry-after": "3" } }, READY),
    isTTY: true,
  });
  assert.equal(code, 0);
  const bar = (full: number): string => "█".repeat(full) + "░".repeat(24 - full);
  assert.deepEqual(terminal.drawn.slice(0, 5), [
    `Provisioning  ${bar(0)}    0%  15 minutes left  0:00`,
    `Provisioning  ${bar(0)}    0%  15 minutes left  0:01`,
    `Provisioning  ${bar(0)}    0%  15 minutes left  0:02`,
    `Provisioning  ${bar(0)}    0%  15 minutes left  0:03`,
    `Provisioning  ${bar(0)}    0%  15 minutes left  0:04`,
  ]);
  assert.ok(terminal.drawn.includes(`Provisioning  ${bar(12)}   50%  15 minutes left  0:06`));
  assert.ok(terminal.drawn.some((line) => line.endsWith("0:10  503 no reason given; retrying in 3 s")));
  assert.deepEqual(terminal.screen, ["Ready", "  IPAddress: 192.168.1.10", "  disks: [1]", ""]);
});

test("--json prints each representation unchanged, on one line", async () => {
  const { code, terminal } = await run({ script: inOrder(busy("0%"), READY), flags: ["--json"], isTTY: true });
  assert.equal(code, 0);
  const lines = terminal.stdout.text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  assert.deepEqual(lines, [busy("0%").body, READY.body]);
});

test("shows nothing for a representation that differs only in the format of numbers or the order of fields", async () => {
  const script = inOrder(
    { body: '{"status":2,"progress":0.5,"disks":[1]}', headers: { "retry-after": "5" } },
    { body: '{"progress":0.50,"disks":[1.0],"status":2.0}', headers: { "retry-after": "5" } },
    { body: '{ "status": 20e-1, "disks": [1e0], "progress": 5e-1 }', headers: { "retry-after": "5" } },
    READY,
  );
  const lines = await run({ script, flags: ["--json"] });
  assert.equal(lines.terminal.stdout.text.trimEnd().split("\n").length, 2);
  const plain = await run({ script });
  assert.match(plain.terminal.stdout.text, /^2 {2}50%\nReady\n/);
});

test("a Retry-After of 0 does not make it poll without a pause", async () => {
  const zero: Reply = { ...busy("50%"), headers: { "retry-after": "0" } };
  const { server } = await run({ script: (_, count) => (count > 30 ? READY : zero) });
  const [first, second] = server.requests.slice(-2).map(({ at }) => at);
  assert.equal((second ?? 0) - (first ?? 0), 15_000);
});

test("returns the outcome as exit code", async () => {
  const failed = await run({ script: inOrder({ body: { status: "Failed", error: FAULT } }) });
  assert.deepEqual(
    { code: failed.code, text: failed.terminal.stdout.text },
    { code: 1, text: "Failed: No capacity left. (no-capacity)\n" },
  );

  const cancelled = await run({
    script: inOrder({
      body: { status: "Cancelled", error: { ...FAULT, code: "cancelled", detail: "It was cancelled." } },
    }),
  });
  assert.deepEqual(
    { code: cancelled.code, text: cancelled.terminal.stdout.text },
    { code: 2, text: "Cancelled: It was cancelled. (cancelled)\n" },
  );

  const gone = await run({
    script: inOrder(busy("0%"), { status: 404, body: { detail: "It was deleted.", code: "resource-deleted" } }),
  });
  assert.equal(gone.code, 3);
  assert.match(gone.terminal.stderr.text, /404 It was deleted\./);

  const forbidden = await run({ script: inOrder({ status: 403 }) });
  assert.equal(forbidden.code, 3);
});

test("gives up on a server that never responds, and waits for one that did", async () => {
  const never = await run({ script: inOrder({ fault: "reset" }) });
  assert.equal(never.code, 3);
  assert.equal(never.clock.monotonic(), 15_000);
  assert.match(never.terminal.stderr.text, /could not be reached: .*\n$/);

  const lost: Script = (_, count) => {
    if (count === 1) return busy("0%");
    return count < 40 ? { fault: "reset" } : READY;
  };
  const later = await run({ script: lost });
  assert.equal(later.code, 0);
  assert.ok(later.clock.monotonic() > 120_000);
});

test("--timeout distinguishes a resource in progress from an unreachable one", async () => {
  const slow = await run({ script: inOrder(busy("0%")), flags: ["--timeout", "60"] });
  assert.equal(slow.code, 124);
  assert.match(
    slow.terminal.stderr.text,
    /still in progress after 60000 ms\nThe resource continues\. Follow it again with:\n {2}afoot follow http/,
  );

  const lost = await run({ script: inOrder({ fault: "reset" }), flags: ["--timeout", "60"] });
  assert.deepEqual({ code: lost.code, monotonic: lost.clock.monotonic() }, { code: 3, monotonic: 60_000 });
});

test("Ctrl-C stops only following, and prints how to follow again", async () => {
  const { code, terminal, server } = await run({
    script: inOrder(busy("0%")),
    isTTY: true,
    path: `${PATH}?fields=id,status`,
    flags: ["--header", "authorization: Bearer secret", "--succeeded", "Ready,It's up"],
    during: (host, clock) => {
      clock.after(2500, () => host.emit("SIGINT"));
    },
  });
  assert.equal(code, 130);
  assert.deepEqual(terminal.screen, [""]);
  assert.equal(
    terminal.stderr.text,
    `The resource continues. Follow it again with:\n  afoot follow '${server.origin}${PATH}?fields=id,status' --succeeded 'Ready,It'\\''s up'\n`,
  );
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ["GET"],
  );
  assert.equal(server.requests[0]?.headers["authorization"], "Bearer secret");
});

test("follows resources of other APIs", async () => {
  const azure = inOrder(
    { body: { properties: { provisioningState: "Creating" } } },
    { body: { properties: { provisioningState: "Canceled" } } },
  );
  assert.equal((await run({ script: azure, flags: ["--preset", "azure"] })).code, 2);
  const google = inOrder({ body: { done: false } }, { body: { done: true, response: {} } });
  assert.equal((await run({ script: google, flags: ["--preset", "google"] })).code, 0);
  const labels = inOrder({ body: { status: "working" } }, { body: { status: "error" } });
  const named = await run({ script: labels, flags: ["--succeeded", "Done", "--failed", "Error, Lost"] });
  assert.deepEqual(
    { code: named.code, text: named.terminal.stdout.text },
    { code: 1, text: "working\nerror: error (failed)\n" },
  );
});

test("no response of a server can move the terminal's cursor", async () => {
  const evil = "\u001B[2J\u001B]0;title\u0007\u009B31mred\r\nnext\u202Etxt";
  const fields = { status: evil, estimatedTimeRemaining: evil, [evil]: evil };
  const script = inOrder(
    { headers: { "retry-after": "1" }, body: { ...fields, progress: "5%" } },
    { body: { status: evil, [evil]: evil } },
  );
  const shown = await run({ script, isTTY: true });
  const kept = shown.terminal.stdout.text.replaceAll(/\r\u001B\[2K|\u001B\[\?7[lh]|\n/g, "");
  assert.doesNotMatch(kept, /\p{C}/u);
  const json = await run({ script, flags: ["--json"] });
  assert.doesNotMatch(json.terminal.stdout.text.replaceAll("\n", ""), /\p{Cc}/u);
  assert.deepEqual(JSON.parse(json.terminal.stdout.text.split("\n")[1] ?? ""), { status: evil, [evil]: evil });
  const refused = await run({ script: inOrder({ status: 403, body: { detail: evil } }) });
  assert.doesNotMatch(refused.terminal.stderr.text.trimEnd(), /\p{C}/u);
});

test("rejects an invalid command line with the reason, and sends nothing", async () => {
  const cases: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
    [[], /no resource given/],
    [["http://a/1", "http://a/2"], /expected one URL/],
    [["localhost:8080/api/x/1"], /begin with http:\/\//],
    [["http://me:secret@a/1"], /--header/],
    [["http://a/1", "--bogus"], /--bogus/],
    [["http://a/1", "--timeout", "soon"], /"soon" is invalid; it must be a number of seconds/],
    [["http://a/1", "--timeout", "0"], /above 0/],
    [["http://a/1", "--preset", "aws"], /azure or google/],
    [["http://a/1", "--preset", "azure", "--succeeded", "Done"], /not both/],
    [["http://a/1", "--failed", "Error"], /--succeeded/],
    [["http://a/1", "--header", "secret"], /"Name: value"/],
    [["http://a/1", "--header", "x: a\nb: c"], /on one line/],
  ];
  for (const [argv, message] of cases) {
    const terminal = new Terminal();
    const refuse = async (): Promise<Response> => assert.fail("a request was sent");
    assert.equal(await follow(argv, terminal, { fetch: refuse }), 64, argv.join(" "));
    assert.match(terminal.stderr.text, message);
    assert.match(terminal.stderr.text, /Usage: afoot follow URL/);
    assert.doesNotMatch(terminal.stderr.text.split("\n")[0] ?? "", /secret/);
  }
  const terminal = new Terminal();
  assert.equal(await follow(["--help"], terminal), 0);
  assert.match(terminal.stdout.text, /^Usage: afoot follow URL/);
});
