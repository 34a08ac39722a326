import { createApp } from "afoot";
import { hypervisorInUse } from "./virtual-machines/detect.ts";
import { virtualMachine } from "./virtual-machines/virtual-machine.ts";

// Only where machines are made: what other commands print is read by programs.
if (process.argv[2] === "start") process.stderr.write(`${hypervisorInUse}\n`);

export default createApp({ resources: [virtualMachine] });
