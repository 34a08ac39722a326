import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PRICES_IN_CENTS } from "../../../examples/orders/order.ts";
import { type ServiceName, STOCK } from "../../../examples/orders/services/trades.ts";
import type { Ended, Wanted } from "./customers.ts";

/** Something that a service did: a charge, a pick, a parcel. */
interface Done {
  readonly order: string;
  readonly request: { readonly amount?: number; readonly item?: string; readonly quantity?: number };
  readonly answer: string;
  readonly isTakenBack: boolean;
}

export interface Balance {
  /** The books as text, a line for each service. */
  readonly lines: readonly string[];
  /** Each a promise that was not kept. */
  readonly faults: readonly string[];
}

/** Holds the three services' books against how the orders ended. */
export function balance(folder: string, ended: readonly Ended[]): Balance {
  const payment = read(folder, "payment");
  const stock = read(folder, "stock");
  const shipping = read(folder, "shipping");
  const shipped = ended.filter(({ status }) => status === "Shipped");
  const price = sum(shipped, ({ wanted }) => PRICES_IN_CENTS[wanted.item] * wanted.quantity);

  const charged = sum(payment, ({ request }) => request.amount ?? 0);
  const refunds = payment.filter(({ isTakenBack }) => isTakenBack);
  const refunded = sum(refunds, ({ request }) => request.amount ?? 0);
  const recalled = shipping.filter(({ isTakenBack }) => isTakenBack).length;
  const items = (["lamp", "chair", "sofa"] as const).map((item) => {
    const left = STOCK[item] - sum(kept(stock), ({ request }) => (request.item === item ? (request.quantity ?? 0) : 0));
    const sold = sum(shipped, ({ wanted }) => (wanted.item === item ? wanted.quantity : 0));
    return { item, left, sold };
  });
  return {
    lines: [
      `money:   ${euros(charged)} charged in ${payment.length} charges, ${mostOfOne(payment)} for an order at most; ${euros(refunded)} refunded in ${refunds.length}; ${euros(charged - refunded)} kept, ${euros(price)} the price of what was shipped`,
      ...items.map(
        ({ item, left, sold }) =>
          `stock:   ${STOCK[item]} ${item}s in the beginning, ${left} on the shelf now, ${sold} shipped`,
      ),
      `parcels: ${shipping.length} sent, ${recalled} called back; ${shipping.length - recalled} under way, ${shipped.length} orders shipped`,
    ],
    faults: [
      ...(charged - refunded === price ? [] : ["the money does not balance"]),
      ...items.flatMap(({ item, left, sold }) =>
        STOCK[item] - left === sold && left >= 0 ? [] : [`the stock of ${item} does not balance`],
      ),
      ...ended.flatMap((one) => faultsOf(one, { payment, stock, shipping })),
    ],
  };
}

function faultsOf(
  { id, wanted, status, error, trackingNumber }: Ended,
  books: Readonly<Record<ServiceName, readonly Done[]>>,
): readonly string[] {
  const faults: string[] = [];
  for (const [service, rows] of Object.entries(books)) {
    const own = rows.filter(({ order }) => order === id);
    if (own.length > 1) faults.push(`${service} did its part ${own.length} times`);
    const count = kept(own).length;
    if (count !== (status === "Shipped" ? 1 : 0)) faults.push(`${service} keeps ${count} of it`);
  }
  const parcel = books.shipping.find(({ order, answer }) => order === id && answer === trackingNumber);
  if (status === "Shipped" && parcel === undefined) faults.push(`no parcel has the number ${String(trackingNumber)}`);
  if (!mayEndSo(wanted, status, error)) faults.push(`${JSON.stringify(wanted)} may not end so`);
  return faults.map((fault) => `order ${id} (${status}, ${error}): ${fault}`);
}

/** What an order can come to; chairs may have run out, and whoever gives up may cancel whatever it is. */
function mayEndSo({ item, card, address }: Wanted, status: string, error: string | undefined): boolean {
  if (status === "Cancelled") return error === "cancelled";
  const reasons = [
    ...(card === "tok_declined" ? ["payment-refused"] : []),
    ...(item === "lamp" ? [] : ["out-of-stock"]),
    ...(address === "Nowhere" ? ["address-unknown"] : []),
  ];
  if (status === "Failed") return error !== undefined && reasons.includes(error);
  return status === "Shipped" && reasons.every((reason) => reason === "out-of-stock") && item !== "sofa";
}

function read(folder: string, service: ServiceName): readonly Done[] {
  const books = new DatabaseSync(join(folder, "orders", `${service}.db`), { readOnly: true });
  try {
    const rows = books.prepare(`SELECT * FROM asked WHERE answer ->> 'done' IS NOT NULL`).all();
    return rows.map(({ order, request, answer, state }) => ({
      order: String(order),
      request: JSON.parse(String(request)) as Done["request"],
      answer: (JSON.parse(String(answer)) as { done: string }).done,
      isTakenBack: state === "undone",
    }));
  } finally {
    books.close();
  }
}

/** How many rows the order has that has most of them. */
function mostOfOne(rows: readonly Done[]): number {
  return Math.max(0, ...[...Map.groupBy(rows, ({ order }) => order).values()].map(({ length }) => length));
}

function kept(rows: readonly Done[]): readonly Done[] {
  return rows.filter(({ isTakenBack }) => !isTakenBack);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function euros(cents: number): string {
  return `EUR ${(cents / 100).toFixed(2)}`;
}
