import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { opensslMissing } from "../../../test/support/certificate.ts";
import { postgresStores } from "../../../test/support/postgres-stores.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { applied, create } from "../../conformance/store/fixture/changes.ts";
import { POLICIES } from "../../conformance/store/fixture/types.ts";
import { isAfootError } from "../../core/errors.ts";
import { postgresStore } from "./index.ts";

const MISSING = [await postgresMissing(), opensslMissing()].find((reason) => reason !== false) ?? false;

const onFatal = (error: unknown): never => assert.fail(String(error));

const isUntrusted = (error: unknown): boolean =>
  isAfootError(error) && error.code === "store-unreachable" && error.message.includes("self-signed");

describe("a postgres store over TLS", { skip: MISSING }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ tls: true });
  });
  after(() => server.remove());

  it("trusts the given certificate authority, on every connection", async () => {
    await using stores = postgresStores(server);
    const store = await stores.open({ tls: { ca: server.certificate ?? assert.fail() }, applicationName: "secured" });
    const received = Promise.withResolvers<void>();
    store.sharing?.subscribe({ onMessage: () => {}, onGap: received.resolve });
    await Promise.all([received.promise, applied(store, create("a"))]);
    const rows = await server.query(
      "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'secured'",
    );
    assert.ok(rows.length >= 2);
    assert.ok(rows.every((row) => row["ssl"] === true));
  });

  it("does not open if no trusted authority has signed the certificate of the server", async () => {
    const store = postgresStore({ url: server.url, tls: true });
    await assert.rejects(store.open({ policies: POLICIES, at: 0, onFatal }), isUntrusted);
    await store.close();
  });
});
