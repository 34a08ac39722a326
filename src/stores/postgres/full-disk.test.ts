import assert from "node:assert/strict";
import { chown, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { smallDisk, smallDiskMissing, type SmallDisk } from "../../../test/support/small-disk.ts";
import { applyOne, clientEvent, create, existing, numbered } from "../../conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import { postgresStore } from "./index.ts";

const isFull = (error: unknown): boolean =>
  isAfootError(error) && error.code === "store-full" && error.message.includes("free disk space");

describe(
  "postgres on a full disk",
  { skip: [await postgresMissing(), smallDiskMissing()].find((reason) => reason !== false) ?? false },
  () => {
    let server: PostgresServer;
    let disk: SmallDisk;
    before(async () => {
      [server, disk] = await Promise.all([startPostgres(), smallDisk(16)]);
      const [row] = await server.query("show data_directory");
      const { uid, gid } = await stat(String(row?.["data_directory"]));
      const folder = join(disk.path, "tables");
      await mkdir(folder);
      await chown(folder, uid, gid);
      await server.query(`create tablespace small location '${folder}'`);
    });
    after(async () => {
      await server.remove();
      await disk[Symbol.asyncDispose]();
    });

    it("refuses writes as store-full, reads, and continues when there is room", async () => {
      const changes: boolean[] = [];
      const url = `${server.url}?options=-c%20default_tablespace%3Dsmall`;
      const store = postgresStore({ url, schema: server.schema() });
      const onFatal = (error: unknown): never => assert.fail(String(error));
      await store.open({ policies: POLICIES, at: AT, onFatal, onDiskFull: (isFullNow) => changes.push(isFullNow) });
      await applyOne(store, create("first"));
      await store.checkWritable();
      disk.fill();

      const configuration = JSON.stringify({ text: "x".repeat(100_000) });
      const large = (id: string): Promise<unknown> => applyOne(store, create(id, { operation: { configuration } }));
      const accepted: string[] = [];
      await assert.rejects(async () => {
        for (const id of numbered(100)) {
          await large(id);
          accepted.push(id);
        }
      }, isFull);
      await assert.rejects(store.checkWritable(), isFull);
      assert.deepEqual(changes, [true]);
      for (const id of ["first", ...accepted]) assert.equal((await existing(store, id)).status, "Making");
      assert.equal((await store.list({ type: "widget", limit: 1000 })).length, accepted.length + 1);

      disk.free();
      disk.resize(64);
      await eventually(
        "a write to succeed",
        async () => (await applyOne(store, create("later"))).outcome === "applied",
      );
      await store.checkWritable();
      await large("large");
      assert.equal((await applyOne(store, clientEvent("first", { event: "cancel-requested" }))).outcome, "applied");
      assert.deepEqual(changes, [true, false]);
      await store.close();
    });
  },
);
