import assert from "node:assert/strict";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { send } from "../../support/exchange.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { repeatTranscript } from "../../support/transcript.ts";
import { ROOT, type ShopProcess, startShop, tokenOf } from "./shop.ts";

const README = join(ROOT, "examples/existing-app/README.md");

const alike = (line: string): string =>
  line.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "INVOICE").replaceAll(/[a-z0-9]{22}/g, "EXPORT");

describe("examples/existing-app", { skip: await postgresMissing() }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  it("behaves as its README shows", async () => {
    await using folder = await temporaryFolder();
    await using first = await startShop({ databaseUrl: server.url, key: undefined });
    await symlink(join(ROOT, "examples"), join(folder.path, "examples"));
    await writeFile(join(folder.path, "first.pid"), String(first.pid));
    process.env["PATH"] = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const options = { folder: folder.path, alike };
    for (const [section, commands] of [
      ["An invoice and its export", 4],
      ["Tenants", 2],
      ["Shared parts", 2],
    ] as const) {
      assert.equal(await repeatTranscript(README, { ...options, section, origin: first.origin }), commands);
    }
    await using second = await startShop({ databaseUrl: server.url, key: undefined });
    const written = "http://127.0.0.1:8081";
    const twoInstances = { ...options, section: "Two instances", origin: second.origin, written };
    assert.equal(await repeatTranscript(README, twoInstances), 3);
    assert.equal(await second.stop(), 0);
  });

  it("keeps invoices and exports equal over two instances of which one is stopped and started again", async () => {
    const options = { databaseUrl: server.url, pagesMs: 200 };
    await using remaining = await startShop(options);
    let other: ShopProcess = await startShop(options);
    const headers = await tokenOf("ann", "restarts");
    const accepted: string[] = [];
    const refused: number[] = [];
    const addInvoice = async (origin: string, cents: number): Promise<void> => {
      const reply = await send(`${origin}/invoices`, "POST", { customer: "Ada", cents }, headers).catch(
        () => undefined,
      );
      if (reply === undefined) return; // The connection was refused, as a load balancer would see it.
      if (reply.status === 201) accepted.push(String(reply.body["export"]));
      else refused.push(reply.status);
    };
    const first = Array.from({ length: 10 }, (_, index) =>
      addInvoice(index % 2 === 0 ? remaining.origin : other.origin, index + 1),
    );
    await eventually("some invoices", () => accepted.length > 2);
    assert.equal(await other.stop(), 0);
    await Promise.all(first);
    other = await startShop(options);
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        addInvoice(index % 2 === 0 ? remaining.origin : other.origin, index + 11),
      ),
    );
    assert.deepEqual(new Set(refused).difference(new Set([503])), new Set());
    assert.ok(accepted.length >= 15, `${accepted.length} accepted`);
    const settled = await Promise.all(
      accepted.map((path) => send(`${other.origin}${path}`, "GET", undefined, { ...headers, Prefer: "wait=30" })),
    );
    assert.deepEqual(
      settled.map(({ body }) => body["status"]),
      accepted.map(() => "Ready"),
    );
    // An invoice that was stored before its connection broke has its export, too.
    const unequal = await server.query(
      `select i.id as invoice, e.id as export from (select * from invoices where tenant = 'restarts') i
         full join (select * from afoot.invoice_export where owner = 'restarts') e on e.id = i.export
        where i.id is null or e.id is null`,
    );
    assert.deepEqual(unequal, []);
    assert.equal(await other.stop(), 0);
    assert.equal(await remaining.stop(), 0);
  });
});

describe("docs/existing-application.md", () => {
  it("shows the files of the example as they are", async () => {
    const guide = await readFile(join(ROOT, "docs/existing-application.md"), "utf8");
    const quoted = [...guide.matchAll(/```ts\n\/\/ (examples\/existing-app\/\S+)\n(.*?)```/gs)];
    assert.equal(quoted.length, 3);
    for (const [, file = "", code = ""] of quoted) {
      assert.equal(code.trim(), (await readFile(join(ROOT, file), "utf8")).trim(), file);
    }
  });
});
