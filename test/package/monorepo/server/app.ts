import { invoiceExport } from "@shop/exports";
import { invoice } from "@shop/invoices";
import { createApp } from "afoot";

export const app = createApp({ resources: [invoice, invoiceExport], basePath: "/v1" });
