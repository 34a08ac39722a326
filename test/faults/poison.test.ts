import { it } from "node:test";
import { checkPoison } from "./poison.ts";

it("costs nobody but itself: exit", (context) => checkPoison("exit", context));
