import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DefinitionError } from "../../../core/errors.ts";
import { type NatsBrokerOptions, natsSettings } from "./options.ts";

const refused = (options: NatsBrokerOptions, why: RegExp): void => {
  assert.throws(
    () => natsSettings(options),
    (error) => error instanceof DefinitionError && why.test(error.message) && !error.message.includes("secret"),
  );
};
const connectionOf = (options: NatsBrokerOptions): ReturnType<typeof natsSettings>["connection"] =>
  natsSettings(options).connection;

describe("servers", () => {
  test("this machine by default", () => {
    assert.deepEqual(connectionOf({}).servers, ["127.0.0.1:4222"]);
  });

  test("several servers: by commas, in a list, with the port that NATS has", () => {
    const servers = ["one:4222", "two:5222", "[::1]:4222"];
    assert.deepEqual(connectionOf({ servers: "nats://one,two:5222,[::1]" }).servers, servers);
    assert.deepEqual(connectionOf({ servers: ["nats://one", "nats://two:5222", "nats://[::1]"] }).servers, servers);
    assert.deepEqual(connectionOf({ servers: "nats://one, nats://two:5222, nats://[::1]:4222" }).servers, servers);
  });

  test("TLS by the scheme, or by options", () => {
    assert.deepEqual(connectionOf({ servers: "tls://one" }).tls, {});
    assert.equal(connectionOf({ servers: "nats://one" }).tls, undefined);
    assert.deepEqual(connectionOf({ servers: "tls://one?caFile=/ca.pem" }).tls, { caFile: "/ca.pem" });
    assert.deepEqual(connectionOf({ servers: "nats://one", tls: { certFile: "/c.pem", keyFile: "/k.pem" } }).tls, {
      certFile: "/c.pem",
      keyFile: "/k.pem",
    });
  });

  test("no server, another scheme, a path, half of one: refused, and no password is shown", () => {
    refused({ servers: "" }, /nats:\/\/host/);
    refused({ servers: [] }, /at least one/);
    refused({ servers: "redis://secret@one" }, /nats:\/\/host/);
    refused({ servers: "nats://user:secret@one/path" }, /path/);
    refused({ servers: "nats://one,tls://two" }, /tls/);
    refused({ servers: "nats://:secret" }, /nats:\/\/host/);
  });
});

describe("credentials", () => {
  const authOf = (options: NatsBrokerOptions): unknown => {
    const { authenticator } = connectionOf(options);
    return typeof authenticator === "function" ? authenticator("nonce") : authenticator;
  };

  test("user and password of the URL, percent-decoded, once for all servers", () => {
    assert.deepEqual(authOf({ servers: "nats://u%40x:p%2Fq@one,two" }), { user: "u@x", pass: "p/q" });
  });

  test("a token: the part before the @ without a password", () => {
    assert.deepEqual(authOf({ servers: "nats://abc@one" }), { auth_token: "abc" });
    assert.deepEqual(authOf({ token: "abc" }), { auth_token: "abc" });
  });

  test("no credentials by default", () => {
    assert.equal(authOf({}), undefined);
  });

  test("two kinds at once, two users, a missing file: rejected", () => {
    refused({ servers: "nats://u:secret@one", token: "secret" }, /one of them/);
    refused({ servers: "nats://u:secret@one,v:secret@two" }, /different credentials/);
    refused({ credentialsFile: "/nowhere.creds" }, /credentialsFile: \/nowhere.creds cannot be read/);
    refused({ servers: "nats://one?nkeySeedFile=/nowhere.nk" }, /nkeySeedFile/);
  });
});

describe("other options", () => {
  test("by the query of the URL; an option given beside it wins", () => {
    const { prefix, replicas, inboxPrefix } = natsSettings({
      servers: "nats://one?prefix=shop.eu&replicas=3&inboxPrefix=_I",
    });
    assert.deepEqual({ prefix, replicas, inboxPrefix }, { prefix: "shop.eu", replicas: 3, inboxPrefix: "_I" });
    assert.equal(natsSettings({ servers: "nats://one?prefix=shop", prefix: "other" }).prefix, "other");
  });

  test("unknown and invalid options: rejected, with the name of the option", () => {
    refused({ servers: "nats://one?prefx=shop" }, /"prefx" is not a known parameter/);
    refused({ prefix: "a b" }, /prefix/);
    refused({ prefix: "a..b" }, /prefix/);
    refused({ prefix: "afoot.>" }, /prefix/);
    refused({ inboxPrefix: "" }, /inboxPrefix/);
    refused({ replicas: 0 }, /replicas/);
    refused({ servers: "nats://one?replicas=many" }, /replicas/);
    refused({ connectTimeoutMs: 0 }, /connectTimeoutMs/);
  });
});
