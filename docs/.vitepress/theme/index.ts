// The default theme without its web font: text uses the fonts of the system, so no font is downloaded.
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no value
import "./style.css";

export { default } from "vitepress/theme-without-fonts";
