import assert from "node:assert/strict";
import { it } from "node:test";
import { withoutPassword } from "../../src/cli/start/stores.ts";

it("no password of a URL is printed, wherever it is, malformed or not", () => {
  const urls = [
    "postgres://user:s3cret@host/db",
    "postgres://user:s3c/s3cret@host/db",
    "postgres://user:s3c@s3cret@host:5432/db",
    "nats://user:s3c,s3cret@one:4222,two:4222",
    "nats://s3cret@one",
    "postgres://host/db?password=s3cret&schema=shop",
    "postgres://host/db?schema=shop&sslpassword=s3cret",
    "amqp://host/v?queue=q&token=s3cret",
  ];
  for (const url of urls) {
    assert.doesNotMatch(withoutPassword(url), /s3c/, url);
    assert.match(withoutPassword(url), /^[a-z]+:\/\/.*\.\.\./);
  }
  for (const plain of ["sqlite:data/a@b.db", "postgres://host:5432/db?schema=shop"]) {
    assert.equal(withoutPassword(plain), plain);
  }
});
