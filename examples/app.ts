import { createApp, type Started } from "afoot";
import { moderation } from "./moderation/moderation.ts";
import { order } from "./orders/order.ts";
import { startServices } from "./orders/start-services.ts";
import { hypervisorInUse } from "./virtual-machines/detect.ts";
import { virtualMachine } from "./virtual-machines/virtual-machine.ts";

export const started: Started = async (running) => {
  process.stderr.write(`${hypervisorInUse}\n`);
  await startServices(running);
};

export { reviewPage as pages } from "./moderation/review-page.ts";

export default createApp({ resources: [virtualMachine, moderation, order], messages: true });
