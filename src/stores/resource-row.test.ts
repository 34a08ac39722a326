import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Row } from "../../test/core/row.ts";
import type { Resource } from "../core/resource.ts";
import { COLUMNS, resourceOf, valuesOf } from "./resource-row.ts";

const ANN = '{"id":"ann"}';
const BOB = '{"id":"bob","note":"a b"}';

function rowOf(principal: string | null, requestedDeletePrincipal: string | null): Resource {
  const { resource } = Row.created();
  const requestedDelete = requestedDeletePrincipal === null ? null : `${resource.operation.id}-delete`;
  return { ...resource, operation: { ...resource.operation, principal, requestedDelete, requestedDeletePrincipal } };
}

describe("the row of a resource", () => {
  it("keeps the principals of the operation and of a requested delete, and nothing without any", () => {
    for (const principal of [null, ANN]) {
      for (const requestedDeletePrincipal of [null, BOB]) {
        const resource = rowOf(principal, requestedDeletePrincipal);
        assert.deepEqual(resourceOf(valuesOf(resource)), resource);
      }
    }
    assert.equal(valuesOf(rowOf(null, null))[COLUMNS.indexOf("principals")], null);
  });

  it("gives no operation of an earlier version the principal of the operation before", () => {
    // A node of an earlier version sets the columns that it knows, and leaves the others as they are.
    const values = valuesOf(rowOf(ANN, null));
    const begun = values.with(COLUMNS.indexOf("operation"), "begun-by-an-earlier-version");
    assert.equal(resourceOf(begun).operation.principal, null);

    const requested = rowOf(ANN, BOB);
    const deletion = valuesOf(requested)
      .with(COLUMNS.indexOf("operation"), requested.operation.requestedDelete)
      .with(COLUMNS.indexOf("requested_delete"), null);
    assert.equal(resourceOf(deletion).operation.principal, BOB, "that of the DELETE, which such a node begins");
  });
});
