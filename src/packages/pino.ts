/** Log in JSON lines. */
export { pino } from "pino";
