import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestedChoices, withDefaults } from "./choices.ts";

describe("the choices of a new project", () => {
  it("are those of the flags, or the defaults", () => {
    assert.deepEqual(withDefaults(requestedChoices([])), { folder: ".", store: "sqlite", server: "afoot" });
    const argv = ["cards", "--store", "postgres", "--server=fastify", "--yes"];
    assert.deepEqual(withDefaults(requestedChoices(argv)), { folder: "cards", store: "postgres", server: "fastify" });
    assert.equal(requestedChoices(["-y"]).isQuiet, true);
  });

  it("name the flag and its values if they are wrong", () => {
    assert.throws(() => requestedChoices(["--store", "redis"]), {
      message: '--store: "redis" is not known; it must be sqlite or postgres',
    });
    assert.throws(() => requestedChoices(["--server", "koa"]), {
      message: '--server: "koa" is not known; it must be afoot or fastify',
    });
    assert.throws(() => requestedChoices(["one", "two"]), { message: "expected at most one folder, got 2: one two" });
    assert.throws(() => requestedChoices(["--unknown"]), /Unknown option '--unknown'/);
  });
});
