// A process that runs the transactions of its parent, until it is killed.
import type { PoolClient } from "pg";
import { openShop, type ShopSettings } from "./shop.ts";
import type { Outcome, TransactionPlan } from "./transaction-plan.ts";

const settings: ShopSettings = {
  url: process.env["SHOP_URL"] ?? "",
  listenUrl: process.env["SHOP_LISTEN_URL"] ?? "",
  schema: process.env["SHOP_SCHEMA"] ?? "",
};
const { schema } = settings;
const { app, pool } = await openShop(settings);

/** Returns false if there is nothing to commit. */
type Step = (client: PoolClient, plan: TransactionPlan) => Promise<boolean>;

const create = async (client: PoolClient, n: number): Promise<boolean> => {
  const { id } = await app.deliveries.create({ n }, { transaction: client });
  await client.query(`insert into ${schema}.orders (n, resource) values ($1, $2)`, [n, id]);
  return true;
};

const remove = async (client: PoolClient, n: number): Promise<boolean> => {
  const { rows } = await client.query<{ resource: string }>(
    `update ${schema}.orders set is_deleted = true where n = $1 and not is_deleted returning resource`,
    [n],
  );
  const [order] = rows;
  // The order is deleted, or not committed yet.
  if (order === undefined) return false;
  const handle = await app.deliveries.get(order.resource);
  await handle.delete({ transaction: client });
  return true;
};

const STEPS: Readonly<Record<TransactionPlan["kind"], Step>> = {
  create: (client, { n }) => create(client, n),
  delete: (client, { target }) => remove(client, target),
  "roll back": (client, { n }) => create(client, n),
  abandon: (client, { n }) => create(client, n),
  async "roll back to a savepoint"(client, { n }) {
    await client.query("savepoint before");
    await create(client, n);
    await client.query("rollback to before");
    return true;
  },
};

/** Runs one transaction to its planned end. */
const run = async (plan: TransactionPlan): Promise<Outcome> => {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query("begin");
    const hasChanged = await STEPS[plan.kind](client, plan);
    if (plan.kind === "abandon") return "rolled back";
    const isRolledBack = !hasChanged || plan.kind === "roll back";
    await client.query(isRolledBack ? "rollback" : "commit");
    isBroken = false;
    return isRolledBack ? "rolled back" : "committed";
  } finally {
    // A connection that is closed within a transaction rolls it back.
    client.release(isBroken);
  }
};

process.on("message", (plan: TransactionPlan) => {
  run(plan).then(
    (outcome) => process.send?.({ n: plan.n, outcome }),
    () => process.send?.({ n: plan.n, outcome: "failed" satisfies Outcome }),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
