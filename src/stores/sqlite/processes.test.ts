import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  applyOne,
  claimAll,
  create,
  existing,
  numbered,
  running,
  reportingOf,
} from "../../conformance/store/fixture/changes.ts";
import { AT, POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Store } from "../../core/ports/store.ts";
import { sqliteStore } from "./index.ts";

async function openStore(path: string, onFatal: (error: unknown) => void = () => {}, at = AT): Promise<Store> {
  const store = sqliteStore({ path });
  await store.open({ policies: POLICIES, at, onFatal });
  return store;
}

/** The roles of this file as a separate program, which can be killed, limited, or run without permissions. */
const ROLES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  async hold(path) {
    const store = await openStore(path);
    send("open");
    await once(process.stdin.resume(), "end");
    await store.close();
  },

  async accept(path) {
    const store = await openStore(path);
    await running(store, "held");
    for (let round = 0; ; round++) {
      const ids = numbered(20, `r${round}-`);
      await Promise.all(ids.map((id) => applyOne(store, create(id)).then(({ outcome }) => send(`${outcome} ${id}`))));
    }
  },

  async fill(path) {
    const fatal: unknown[] = [];
    const store = await openStore(path, (error) => fatal.push(error));
    const configuration = JSON.stringify("x".repeat(20_000));
    for (let round = 0; fatal.length === 0; round++) {
      const ids = numbered(20, `r${round}-`);
      const results = await Promise.allSettled(
        ids.map((id) => applyOne(store, create(id, { operation: { configuration } }))),
      );
      for (const [index, result] of results.entries()) {
        send(result.status === "fulfilled" ? `applied ${ids[index]}` : `rejected ${codeOf(result.reason)}`);
      }
    }
    await store.apply([create("late")]).catch((error: unknown) => send(`late ${codeOf(error)}`));
    send(`fatal ${fatal.length} ${codeOf(fatal[0])}`);
    await store.close();
  },

  async open(path) {
    const store = sqliteStore({ path });
    await store.open({ policies: POLICIES, at: AT, onFatal: () => {} }).then(
      () => send("open"),
      (error: unknown) => send(`${codeOf(error)} ${error instanceof Error ? error.message : ""}`),
    );
    await store.close();
  },

  async "open with no rights"(path) {
    // Root may write everywhere.
    if (process.getuid?.() === 0) process.setuid?.(65_534);
    await ROLES["open"]?.(path);
  },
};

function send(line: string): void {
  process.stdout.write(`${line}\n`);
}

function codeOf(error: unknown): string {
  return isAfootError(error) ? error.code : String(error);
}

const [, program, role, path] = process.argv;
const asProgram = role === undefined ? undefined : ROLES[role];
if (asProgram === undefined || path === undefined || program !== import.meta.filename) register();
else await asProgram(path);

const children: ChildProcess[] = [];

function start(asRole: string, file: string, { fileBlocks }: { readonly fileBlocks?: number } = {}): ChildProcess {
  const command = [process.execPath, "--conditions=@afoot/source", import.meta.filename, asRole, file];
  const limit = fileBlocks === undefined ? "" : `ulimit -f ${fileBlocks}; `;
  const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...command], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return child;
}

async function lineOf(child: ChildProcess, wanted: (line: string) => boolean = () => true): Promise<string> {
  for await (const line of createInterface({ input: child.stdout ?? assert.fail() })) if (wanted(line)) return line;
  return assert.fail("the process ended without saying so");
}

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout ?? assert.fail() })) lines.push(line);
  return lines;
}

function register(): void {
  describe("sqliteStore and processes", { skip: process.platform === "win32" ? "needs a POSIX system" : false }, () => {
    let folder = "";
    let file = "";
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "afoot-sqlite-"));
      file = join(folder, "afoot.db");
    });
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      await chmod(folder, 0o755);
      await rm(folder, { recursive: true });
    });

    const isLockedBy = (pid: number) => (error: unknown) =>
      isAfootError(error) &&
      error.name === "StoreOpenError" &&
      error.code === "store-locked" &&
      error.message.includes(`process ${pid} `);

    it("refuses a second process, naming the first, until that is killed", async () => {
      const holder = start("hold", file);
      assert.equal(await lineOf(holder), "open");
      const pid = holder.pid ?? assert.fail();
      await assert.rejects(openStore(file), isLockedBy(pid));
      await symlink(file, join(folder, "link.db"));
      await assert.rejects(openStore(join(folder, "link.db")), isLockedBy(pid));
      holder.kill("SIGKILL");
      await once(holder, "exit");
      const store = await openStore(file);
      await assert.rejects(openStore(file), isLockedBy(process.pid));
      await store.close();
      await (await openStore(file)).close();
    });

    it("is free again once its process has closed it", async () => {
      const holder = start("hold", file);
      await lineOf(holder);
      holder.stdin?.end();
      assert.deepEqual(await once(holder, "exit"), [0, null]);
      await (await openStore(file)).close();
      assert.deepEqual((await readdir(folder)).toSorted(), ["afoot.db", "afoot.db-lock"]);
    });

    it("has everything that was accepted before a SIGKILL, and nothing is held", async () => {
      const child = start("accept", file);
      const accepted: string[] = [];
      for await (const line of createInterface({ input: child.stdout ?? assert.fail() })) {
        const id = /^applied (.+)$/.exec(line)?.[1];
        if (id !== undefined) accepted.push(id);
        if (accepted.length === 501) child.kill("SIGKILL");
      }
      assert.ok(accepted.length > 500);
      const store = await openStore(file, () => {}, AT + 1000);
      const rows = await store.read(accepted.map((id) => ({ type: "widget", id })));
      assert.deepEqual(
        accepted.filter((_, index) => rows[index] === undefined),
        [],
      );
      assert.deepEqual(await store.claimedOperations(), []);
      const { operation } = await existing(store, "held");
      assert.deepEqual(
        { state: operation.state, lostWorkers: operation.lostWorkers },
        { state: "pending", lostWorkers: 1 },
      );
      const granted = await claimAll(store, { worker: "next", free: 100_000, at: AT + 1000 });
      assert.equal(
        granted.length,
        (await reportingOf(store).inProgressCounts()).reduce((sum, { count }) => sum + count, 0),
      );
      await store.close();
    });

    it("says once that it can write no more, rejects what waits, and keeps what it had promised", async () => {
      const lines = await linesOf(start("fill", file, { fileBlocks: 4096 }));
      const applied = lines.filter((line) => line.startsWith("applied ")).map((line) => line.slice("applied ".length));
      assert.ok(applied.length > 0);
      assert.deepEqual(
        [...new Set(lines.filter((line) => line.startsWith("rejected ")))],
        ["rejected store-unavailable"],
      );
      assert.deepEqual(lines.slice(-2), ["late store-unavailable", "fatal 1 store-unavailable"]);
      const store = await openStore(file);
      const rows = await store.read(applied.map((id) => ({ type: "widget", id })));
      assert.ok(rows.every((row) => row !== undefined));
      await store.close();
      using database = new DatabaseSync(file);
      assert.equal(database.prepare("pragma integrity_check").get()?.["integrity_check"], "ok");
    });

    it("makes no half of a file where the disk has no room for one", async () => {
      const lines = await linesOf(start("open", file, { fileBlocks: 8 }));
      assert.match(lines.join("\n"), /^store-(?:io|full) .*afoot\.db.*disk/);
      assert.deepEqual(await readdir(folder), ["afoot.db-lock"]);
      await (await openStore(file)).close();
    });

    it("refuses a folder and a file that cannot be written, and alters nothing", async () => {
      await (await openStore(file)).close();
      const before = await stat(file);
      const refusal = async (target = file): Promise<string> => lineOf(start("open with no rights", target));
      await chmod(folder, 0o777);
      await chmod(`${file}-lock`, 0o444);
      await chmod(file, 0o666);
      assert.match(await refusal(), /^store-read-only .*-lock/);
      await chmod(file, 0o444);
      assert.match(await refusal(), /^store-read-only .*make the file and its folder writable/);
      await rm(`${file}-lock`);
      await chmod(file, 0o666);
      await chmod(folder, 0o555);
      assert.match(await refusal(), /^store-read-only .*make the file and its folder writable/);
      assert.match(await refusal(join(folder, "other.db")), /^store-read-only /);
      assert.match(await refusal(join(folder, "new", "afoot.db")), /^store-path .*cannot be created/);
      await chmod(folder, 0o700);
      assert.equal((await stat(file)).mtimeMs, before.mtimeMs);
      assert.deepEqual(await readdir(folder), ["afoot.db"]);
    });
  });
}
