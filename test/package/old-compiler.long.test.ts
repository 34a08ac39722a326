import { after, before, describe } from "node:test";
import { Consumer } from "./consumer.ts";
import { readmeApp } from "./readme-app.ts";
import { typeChecks } from "./type-checks.ts";

describe("the package, with the oldest compiler", () => {
  const consumer = new Consumer();
  before(() => {
    consumer.installPackage("zod");
    consumer.write("app.ts", readmeApp());
  });
  after(() => consumer[Symbol.dispose]());

  typeChecks(consumer, "typescript-5.9");
});
