/**
 * Value of `--import` that replaces the package `typescript` by its version 5.9. Some generators use compiler functions
 * that TypeScript 7 no longer has.
 */
export const WITH_TYPESCRIPT_5 =
  'data:text/javascript,import{registerHooks}from"node:module";' +
  'registerHooks({resolve:(name,context,next)=>next(name==="typescript"?"typescript-5.9":name,context)})';
