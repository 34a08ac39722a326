import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findFaults } from "../../scripts/check-rooms.mjs";

/** One file that imports one module. */
function importing(path: string, specifier: string): string[] {
  return findFaults([{ path, text: `import { a } from "${specifier}";\nexport const b = a;\n` }]);
}

describe("check:rooms", () => {
  it("passes imports from the same room, a lower floor and an allowed folder", () => {
    assert.deepEqual(importing("server/endpoints/get.ts", "./list.ts"), []);
    assert.deepEqual(importing("server/endpoints/get.ts", "../http/exchange.ts"), []);
    assert.deepEqual(importing("server/endpoints/get.ts", "../../core/operation.ts"), []);
    assert.deepEqual(importing("stores/sqlite/tables/records.ts", "../file/statement.ts"), []);
    assert.deepEqual(importing("client/react.ts", "react"), []);
  });

  it("finds an import that points to a higher floor or across one", () => {
    assert.match(
      importing("server/http/send.ts", "../endpoints/get.ts")[0] ?? "",
      /endpoints is on a higher floor than room http/,
    );
    assert.match(
      importing("server/http/send.ts", "../storage/commit.ts")[0] ?? "",
      /storage is on the same floor as room http/,
    );
    assert.match(importing("server/access/access.ts", "../context.ts")[0] ?? "", /context\.ts is on a higher floor/);
  });

  it("finds an import from another folder and of a package that is not listed", () => {
    assert.match(
      importing("core/operation.ts", "../server/context.ts")[0] ?? "",
      /core imports no other folder and not server/,
    );
    assert.match(
      importing("stores/sqlite/writer/commit.ts", "../../postgres/index.ts")[0] ?? "",
      /not stores\/postgres/,
    );
    assert.match(importing("core/operation.ts", "node:fs")[0] ?? "", /core does not import this package/);
    assert.match(importing("server/context.ts", "afoot/client")[0] ?? "", /server does not import this package/);
  });

  it("finds a folder with too many files, a long file and a large median", () => {
    const many = Array.from({ length: 16 }, (_, index) => ({ path: `core/json/f${index}.ts`, text: "\n" }));
    assert.deepEqual(findFaults(many), ["src/core/json has 16 files beside each other; maximum: 15"]);
    const long = findFaults([{ path: "core/json/long.ts", text: "\n".repeat(301) }]);
    assert.deepEqual(long, [
      "src/core/json/long.ts has 301 lines; maximum: 300",
      "the median file has 301 lines; maximum: 90",
    ]);
  });
});
