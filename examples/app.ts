import { createApp } from "afoot";
import { virtualMachine } from "./virtual-machines/virtual-machine.ts";

export default createApp({ resources: [virtualMachine] });
