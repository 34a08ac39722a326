import type { app } from "@shop/server";
import { createClient } from "afoot/client";

const api = createClient<typeof app>("https://api.example.com/v1");

export async function exportYear(year: number): Promise<string> {
  const handle = await api.invoiceExports.create({ year });
  const { url } = await handle.settled();
  return url;
}

export async function send(): Promise<void> {
  // @ts-expect-error -- an invoice has a number of cents
  await api.invoices.create({ customer: "ann", cents: "10" });
  // @ts-expect-error -- the app has no such collection
  await api.orders.create({});
}
