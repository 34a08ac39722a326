import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PRICES_IN_CENTS } from "../../../examples/orders/order.ts";
import { type ServiceName, STOCK } from "../../../examples/orders/services/trades.ts";
import type { SettledOrder, OrderRequest } from "./customers.ts";

/** A request that a service has performed: a charge, a pick or a parcel. */
interface CompletedRequest {
  readonly order: string;
  readonly request: { readonly amount?: number; readonly item?: string; readonly quantity?: number };
  readonly result: string;
  readonly isUndone: boolean;
}

export interface Balance {
  /** The balance as text, with a line for each service. */
  readonly lines: readonly string[];
  /** Violated guarantees. */
  readonly violations: readonly string[];
}

/** Compares the databases of the three services with the outcomes of the orders. */
export function balance(folder: string, orders: readonly SettledOrder[]): Balance {
  const payment = read(folder, "payment");
  const stock = read(folder, "stock");
  const shipping = read(folder, "shipping");
  const shipped = orders.filter(({ status }) => status === "Shipped");
  const price = sum(shipped, ({ request }) => PRICES_IN_CENTS[request.item] * request.quantity);

  const charged = sum(payment, ({ request }) => request.amount ?? 0);
  const refunds = payment.filter(({ isUndone }) => isUndone);
  const refunded = sum(refunds, ({ request }) => request.amount ?? 0);
  const recalled = shipping.filter(({ isUndone }) => isUndone).length;
  const items = (["lamp", "chair", "sofa"] as const).map((item) => {
    const left =
      STOCK[item] - sum(notUndone(stock), ({ request }) => (request.item === item ? (request.quantity ?? 0) : 0));
    const sold = sum(shipped, ({ request }) => (request.item === item ? request.quantity : 0));
    return { item, left, sold };
  });
  return {
    lines: [
      `money:   ${euros(charged)} charged in ${payment.length} charges, at most ${maxPerOrder(payment)} per order; ${euros(refunded)} refunded in ${refunds.length}; ${euros(charged - refunded)} kept, ${euros(price)} the price of what was shipped`,
      ...items.map(
        ({ item, left, sold }) =>
          `stock:   ${STOCK[item]} ${item}s in the beginning, ${left} on the shelf now, ${sold} shipped`,
      ),
      `parcels: ${shipping.length} sent, ${recalled} called back; ${shipping.length - recalled} under way, ${shipped.length} orders shipped`,
    ],
    violations: [
      ...(charged - refunded === price ? [] : ["the money does not balance"]),
      ...items.flatMap(({ item, left, sold }) =>
        STOCK[item] - left === sold && left >= 0 ? [] : [`the stock of ${item} does not balance`],
      ),
      ...orders.flatMap((one) => violationsOf(one, { payment, stock, shipping })),
    ],
  };
}

function violationsOf(
  { id, request, status, error, trackingNumber }: SettledOrder,
  books: Readonly<Record<ServiceName, readonly CompletedRequest[]>>,
): readonly string[] {
  const violations: string[] = [];
  for (const [service, rows] of Object.entries(books)) {
    const own = rows.filter(({ order }) => order === id);
    if (own.length > 1) violations.push(`${service} did its part ${own.length} times`);
    const count = notUndone(own).length;
    if (count !== (status === "Shipped" ? 1 : 0)) violations.push(`${service} keeps ${count} of it`);
  }
  const parcel = books.shipping.find(({ order, result }) => order === id && result === trackingNumber);
  if (status === "Shipped" && parcel === undefined) {
    violations.push(`no parcel has the number ${String(trackingNumber)}`);
  }
  if (!isAllowedOutcome(request, status, error)) {
    violations.push(`${JSON.stringify(request)} must not have this outcome`);
  }
  return violations.map((violation) => `order ${id} (${status}, ${error}): ${violation}`);
}

/** Returns true if an order may have this outcome. Chairs may be out of stock, and any order may be cancelled. */
function isAllowedOutcome({ item, card, address }: OrderRequest, status: string, error: string | undefined): boolean {
  if (status === "Cancelled") return error === "cancelled";
  const reasons = [
    ...(card === "tok_declined" ? ["payment-refused"] : []),
    ...(item === "lamp" ? [] : ["out-of-stock"]),
    ...(address === "Nowhere" ? ["address-unknown"] : []),
  ];
  if (status === "Failed") return error !== undefined && reasons.includes(error);
  return status === "Shipped" && reasons.every((reason) => reason === "out-of-stock") && item !== "sofa";
}

function read(folder: string, service: ServiceName): readonly CompletedRequest[] {
  const books = new DatabaseSync(join(folder, "orders", `${service}.db`), { readOnly: true });
  try {
    const rows = books.prepare(`SELECT * FROM requests WHERE reply ->> 'done' IS NOT NULL`).all();
    return rows.map(({ order, request, reply, state }) => ({
      order: String(order),
      request: JSON.parse(String(request)) as CompletedRequest["request"],
      result: (JSON.parse(String(reply)) as { done: string }).done,
      isUndone: state === "undone",
    }));
  } finally {
    books.close();
  }
}

/** Returns the maximum number of rows per order. */
function maxPerOrder(rows: readonly CompletedRequest[]): number {
  return Math.max(0, ...[...Map.groupBy(rows, ({ order }) => order).values()].map(({ length }) => length));
}

function notUndone(rows: readonly CompletedRequest[]): readonly CompletedRequest[] {
  return rows.filter(({ isUndone }) => !isUndone);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function euros(cents: number): string {
  return `EUR ${(cents / 100).toFixed(2)}`;
}
