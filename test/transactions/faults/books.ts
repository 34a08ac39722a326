import type { PostgresServer } from "../../support/postgres.ts";
import type { Outcome, TransactionPlan } from "./transaction-plan.ts";

export interface Books {
  readonly server: PostgresServer;
  readonly schema: string;
  readonly plans: readonly TransactionPlan[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
}

export interface CheckedBooks {
  readonly agreeing: number;
  readonly delivered: number;
  readonly faults: readonly string[];
}

interface Order {
  readonly n: number;
  readonly resource: string;
  readonly is_deleted: boolean;
}

interface Delivery {
  readonly id: string;
  readonly n: number;
  readonly status: string;
  readonly is_deleted: boolean;
}

/** Compares each transaction with its business row, its resource and its reported end. */
export async function checkBooks({ server, schema, plans, outcomes }: Books): Promise<CheckedBooks> {
  const orders = (await server.query(`select * from ${schema}.orders`)) as unknown as readonly Order[];
  const deliveries = (await server.query(
    `select id, (configuration::jsonb->>'n')::integer as n, status, deleted_at is not null as is_deleted from ${schema}._resources`,
  )) as unknown as readonly Delivery[];
  const orderOf = new Map(orders.map((order) => [order.n, order]));
  const deliveriesOf = Map.groupBy(deliveries, ({ n }) => n);

  /** Returns the reason why the row and the resource of an order disagree. */
  const disagreement = (n: number): string | undefined => {
    const order = orderOf.get(n);
    const [delivery, ...others] = deliveriesOf.get(n) ?? [];
    if (others.length > 0) return "it has several resources";
    if (order === undefined) return delivery === undefined ? undefined : "its resource has no row";
    if (delivery === undefined) return "its row has no resource";
    if (delivery.id !== order.resource) return "its row names another resource";
    if (delivery.is_deleted !== order.is_deleted) return "its row and its resource disagree about the delete";
    return delivery.is_deleted || delivery.status === "Delivered" ? undefined : `its resource is ${delivery.status}`;
  };

  const fault = ({ n, kind, target }: TransactionPlan): string | undefined => {
    const outcome = outcomes.get(n);
    if (kind === "delete") {
      const isLost = outcome === "committed" && orderOf.get(target)?.is_deleted === false;
      return isLost ? "its delete is lost" : disagreement(target);
    }
    if (kind !== "create" && orderOf.has(n)) return "it was rolled back, but has a row";
    if (kind === "create" && outcome === "committed" && !orderOf.has(n)) return "it was committed, but has no row";
    return disagreement(n);
  };

  const faults = plans.flatMap((plan) => {
    const reason = fault(plan);
    return reason === undefined ? [] : [`transaction ${plan.n} (${plan.kind}): ${reason}`];
  });
  return {
    agreeing: plans.length - faults.length,
    delivered: deliveries.filter(({ status }) => status === "Delivered").length,
    faults,
  };
}
