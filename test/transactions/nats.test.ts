import assert from "node:assert/strict";
import { it } from "node:test";
import { natsBroker } from "../../src/brokers/nats/index.ts";
import { natsMissing, startNats } from "../support/nats.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { startFixture } from "./fixture.ts";

const missing = await postgresMissing();
const skip = missing === false ? natsMissing() : missing;

it("a commit wakes workers that only NATS reaches, without polling", { skip }, async () => {
  const server = await startPostgres();
  try {
    await using nats = await startNats();
    // The clock stands still, so that no worker polls.
    const clock = new SteppedClock();
    const node = () => ({ broker: natsBroker({ servers: nats.url }), clock });
    await using fixture = await startFixture(server, {}, { role: "server", ...node() });
    await fixture.start({}, { role: "worker", ...node() });
    const handle = await fixture.transaction((client) =>
      fixture.app.invoiceExports.create({ month: "n" }, { transaction: client }),
    );
    assert.equal((await handle.settled()).url, "/files/n.csv");
  } finally {
    await server.remove();
  }
});
